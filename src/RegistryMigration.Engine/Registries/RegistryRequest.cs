using System.Net;

namespace RegistryMigration.Engine.Registries;

/// <summary>A request as the client words it; authorisation, redirects and repetition are the transport's.</summary>
internal sealed record RegistryRequest(HttpMethod Method, Uri Address, string What)
{
    /// <summary>The rights it needs, as the token service names them.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = [];

    /// <summary>The Accept header; null sends none.</summary>
    public string? Accept { get; init; }

    /// <summary>The first byte wanted.</summary>
    public long Offset { get; init; }

    /// <summary>The body, made anew for each time it is sent.</summary>
    public Func<HttpContent>? Content { get; init; }

    /// <summary>Go where a redirect leads; where false, the redirect is the answer.</summary>
    public bool FollowRedirects { get; init; } = true;

    /// <summary>How long to wait for the answer's head; null is the stall time-out.</summary>
    public TimeSpan? Patience { get; init; }

    /// <summary>Statuses that are answers and not failures, besides success.</summary>
    public IReadOnlyList<HttpStatusCode> Tolerated { get; init; } = [];
}
