using System.Globalization;
using System.Net;
using RegistryMigration.Engine.Http;
using RegistryMigration.Engine.Stores.Swift.Transport;

namespace RegistryMigration.Engine.Stores.Swift.Objects;

/// <summary>What an answer's headers tell of an object.</summary>
/// <param name="Length">The true size: for large objects the sum of their segments; 0 for a dynamic one whose segments are missing.</param>
/// <param name="Version">What identifies this content.</param>
/// <param name="Md5">MD5 of the content; null for large objects, whose ETag is made of the segments' ETags.</param>
/// <param name="LastModified">When it was written.</param>
/// <param name="Manifest">Container and prefix of a dynamic large object's segments; null for any other object.</param>
/// <param name="IsStatic">Whether it is a static large object.</param>
internal sealed record ObjectHead(long? Length, string? Version, string? Md5, DateTimeOffset? LastModified, string? Manifest, bool IsStatic)
{
    /// <summary>Reads the headers of a HEAD or GET.</summary>
    public static ObjectHead From(HttpResponseMessage response)
    {
        var etag = response.Header("ETag")?.Trim('"');
        var manifest = response.Header("X-Object-Manifest") is { } header ? Uri.UnescapeDataString(header) : null;
        var isStatic = string.Equals(response.Header("X-Static-Large-Object"), "true", StringComparison.OrdinalIgnoreCase);
        return new ObjectHead(
            TotalLength(response),
            etag ?? response.Header("X-Timestamp") ?? response.Header("Last-Modified"),
            manifest is null && !isStatic && etag is { Length: 32 } ? etag : null,
            response.Content.Headers.LastModified,
            manifest,
            isStatic);
    }

    /// <summary>Asks all replicas for the newest state of an object; null where there is none.</summary>
    public static async Task<ObjectHead?> AskAsync(SwiftClient client, string name, string key, CancellationToken cancellationToken)
    {
        var request = new SwiftRequest(HttpMethod.Head, name) { Headers = { ["X-Newest"] = "true" } };
        using var response = await client.SendAsync(request, cancellationToken);
        if (response.StatusCode is HttpStatusCode.NotFound)
            return null;
        return response.IsSuccessStatusCode ? From(response) : throw await client.Errors.FromAsync(response, $"look at '{key}'", key, cancellationToken);
    }

    // Of a part: "bytes 5-9/10"; of a part that can't be given: "bytes */10".
    private static long? TotalLength(HttpResponseMessage response)
    {
        if (response.StatusCode is not (HttpStatusCode.PartialContent or HttpStatusCode.RequestedRangeNotSatisfiable))
            return response.Content.Headers.ContentLength;
        var range = response.Header("Content-Range").AsSpan();
        return long.TryParse(range[(range.LastIndexOf('/') + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var length) ? length : null;
    }
}
