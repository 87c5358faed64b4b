using System.Net;
using System.Net.Http.Headers;
using RegistryMigration.Engine.Http;
using RegistryMigration.Engine.Stores.Swift.Transport;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Stores.Swift.Objects;

/// <summary>Opens objects for reading. The servers put large objects together, so they read like any other.</summary>
/// <remarks>
/// A dynamic large object is what the listing of its segments says at the moment, and that listing may lag behind: a copy is right only
/// when its length and digest are. Its version is the ETag, which the servers derive from the segments' ETags.
/// </remarks>
internal sealed class ObjectReading(SwiftClient client)
{
    public async Task<StoreReader> OpenAsync(string name, string key, long offset, string? version, CancellationToken cancellationToken)
    {
        var request = new SwiftRequest(HttpMethod.Get, name);
        if (offset > 0)
            request.Headers["Range"] = new RangeHeaderValue(offset, null).ToString();
        var response = await client.SendAsync(request, cancellationToken);
        try
        {
            return await OpenAsync(response, key, offset, version, cancellationToken);
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    private async Task<StoreReader> OpenAsync(HttpResponseMessage response, string key, long offset, string? version, CancellationToken cancellationToken)
    {
        var isPastEnd = offset > 0 && response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable;
        if (!response.IsSuccessStatusCode && !isPastEnd)
            throw await FailureAsync(response, key, cancellationToken);
        var head = ObjectHead.From(response);
        if (version is not null && version != head.Version && !(isPastEnd && response.Header("ETag") is null))
            throw client.Errors.Make(StoreErrorKind.Changed, $"'{key}' was replaced while it was read. It is read again from the start.", key);
        if (head.Length is not { } length)
            throw client.Errors.Make(StoreErrorKind.Unsupported, $"'{key}' comes without a length: a dynamic large object of more segments than a listing page holds. Store it again in larger segments.", key);
        if (isPastEnd)
        {
            response.Dispose();
            return new StoreReader(Stream.Null, length, head.Version);
        }

        if (offset > 0 && response.StatusCode != HttpStatusCode.PartialContent)
            throw client.Errors.Make(StoreErrorKind.Unsupported, $"The server ignored the range asked of '{key}'. Something in between removes the Range header.", key);
        return new StoreReader(await client.Http.OpenContentAsync(response, key, cancellationToken), length, head.Version);
    }

    private async Task<StoreException> FailureAsync(HttpResponseMessage response, string key, CancellationToken cancellationToken)
    {
        var segments = $"If it is a large object, its segments may lie in a container that this user may not read, or be gone: look at X-Object-Manifest or at ?multipart-manifest=get, and grant read access.";
        switch (response.StatusCode)
        {
            case HttpStatusCode.NotFound:
                return client.Errors.NoObject(key);
            // Swift answers 409 when a segment is not what the manifest says, or can't be had: asking again does not mend it.
            case HttpStatusCode.Conflict:
                return new StoreException(StoreErrorKind.Integrity, $"The segments of '{key}' are missing, changed or unreadable (409). {segments}") { Key = key, StatusCode = 409 };
            case HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden:
                var failure = await client.Errors.FromAsync(response, $"read '{key}'", key, cancellationToken);
                return new StoreException(failure.Kind, $"{failure.Message} {segments}") { Key = key, Store = failure.Store, StatusCode = failure.StatusCode };
            default:
                return await client.Errors.FromAsync(response, $"read '{key}'", key, cancellationToken);
        }
    }
}
