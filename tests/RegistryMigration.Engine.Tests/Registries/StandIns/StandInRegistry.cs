using System.Collections.Concurrent;
using RegistryMigration.Engine.Registries;
using RegistryMigration.Engine.Resilience;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Registries.StandIns;

/// <summary>A registry that serves what a test puts in, behind a gate and with exceptions of the test's own.</summary>
public sealed class StandInRegistry : IAsyncDisposable
{
    public StandInRegistry() => Server = new StandInServer(Answer);

    public StandInServer Server { get; }

    /// <summary>Content by path, e.g. <c>/v2/app/blobs/sha256:…</c>.</summary>
    public ConcurrentDictionary<string, (string Type, byte[] Bytes)> Content { get; } = new(StringComparer.Ordinal);

    /// <summary>Asked before anything else; an answer of its own ends the request.</summary>
    public Func<StandInRequest, StandInResponse?> Gate { get; set; } = _ => null;

    /// <summary>Answers requests that are not plain reads.</summary>
    public Func<StandInRequest, StandInResponse?> Override { get; set; } = _ => null;

    /// <summary>Retries that follow at once, so that tests of faults don't wait.</summary>
    public static StoreContext Impatient { get; } = new()
    {
        Retry = new RetryPolicy(new RetryOptions { BaseDelay = TimeSpan.FromMilliseconds(1), MaxDelay = TimeSpan.FromMilliseconds(5) }, TimeProvider.System),
        StallTimeout = TimeSpan.FromSeconds(5),
    };

    public Digest AddBlob(string repository, byte[] bytes)
    {
        var digest = Digest.OfSha256(bytes);
        Content[$"/v2/{repository}/blobs/{digest}"] = ("application/octet-stream", bytes);
        return digest;
    }

    public RegistryClient Client(string? user = null, string? password = null, string? token = null, StoreContext? context = null) => new(
        new RegistryEndpoint(Server.Url.ToString())
        {
            UserName = user,
            Password = password is null ? null : new Secret(password),
            Token = token is null ? null : new Secret(token),
        },
        context ?? Impatient);

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    private StandInResponse Answer(StandInRequest request)
    {
        if ((Gate(request) ?? Override(request)) is { } own)
            return own;
        if (request.Path == "/v2/")
            return StandInResponse.Json(200, "{}");
        if (!Content.TryGetValue(request.Path, out var content))
            return StandInResponse.Error(404, request.Path.Contains("/blobs/", StringComparison.Ordinal) ? "BLOB_UNKNOWN" : "MANIFEST_UNKNOWN", "unknown to registry");
        if (request.Headers.GetValueOrDefault("Range") is not { } range)
            return new StandInResponse(200, content.Bytes, ("Content-Type", content.Type));
        var from = int.Parse(range["bytes=".Length..^1], System.Globalization.CultureInfo.InvariantCulture);
        return new StandInResponse(206, content.Bytes[from..], ("Content-Range", $"bytes {from}-{content.Bytes.Length - 1}/{content.Bytes.Length}"));
    }
}
