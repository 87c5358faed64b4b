namespace RegistryMigration.Engine.Stores.Swift.Transport;

/// <summary>A request to a container or an object, without an address and a token: those are found at send time.</summary>
internal sealed class SwiftRequest(HttpMethod method, string? name = null)
{
    public HttpMethod Method { get; } = method;

    /// <summary>The object's whole name in the container; null for the container itself.</summary>
    public string? Name { get; } = name;

    /// <summary>Ask the account instead of the container.</summary>
    public bool IsForAccount { get; init; }

    /// <summary>The query, escaped, without its question mark.</summary>
    public string? Query { get; init; }

    /// <summary>Headers to add.</summary>
    public Dictionary<string, string> Headers { get; init; } = [];

    /// <summary>Makes the body, anew for each sending.</summary>
    public Func<HttpContent>? Content { get; init; }

    /// <summary>Wait for the server's consent before the body goes out.</summary>
    public bool ExpectContinue { get; init; }
}
