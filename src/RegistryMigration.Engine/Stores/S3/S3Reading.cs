using System.Globalization;
using System.Net;
using RegistryMigration.Engine.Content;
using RegistryMigration.Engine.Http;
using RegistryMigration.Engine.Stores.S3.Requests;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Stores.S3;

/// <summary>HEAD and GET.</summary>
internal static class S3Reading
{
    public static async Task<StoreEntry?> StatAsync(S3Connection connection, string key, CancellationToken cancellationToken)
    {
        try
        {
            using var head = await connection.SendAsync(new S3Request(HttpMethod.Head, key), cancellationToken);
            return new StoreEntry(key, LengthOf(head), Md5Hash.InETag(head.Header("ETag")), head.Content.Headers.LastModified);
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.NotFound)
        {
            return null;
        }
    }

    public static async Task<StoreReader> ReadAsync(S3Connection connection, string key, long offset, string? version, CancellationToken cancellationToken)
    {
        var headers = new List<KeyValuePair<string, string>>(2);
        if (version is not null)
            headers.Add(new("If-Match", version));
        if (offset > 0)
            headers.Add(new("Range", string.Create(CultureInfo.InvariantCulture, $"bytes={offset}-")));
        HttpResponseMessage answer;
        try
        {
            answer = await connection.SendAsync(new S3Request(HttpMethod.Get, key) { Headers = headers }, cancellationToken);
        }
        catch (StoreException e) when (e.StatusCode == (int)HttpStatusCode.PreconditionFailed && version is not null)
        {
            throw Changed(connection, key, e);
        }
        catch (StoreException e) when (e.StatusCode == (int)HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            return await ReadAtEndAsync(connection, key, offset, version, e, cancellationToken);
        }

        if (offset > 0 && answer.StatusCode != HttpStatusCode.PartialContent)
        {
            answer.Dispose();
            throw new StoreException(StoreErrorKind.Unsupported, $"{connection.Endpoint} answers a request for a part of '{key}' with the whole. Resuming needs Range; look for a proxy that removes it.") { Store = connection.Name, Key = key };
        }

        var (length, etag) = (LengthOf(answer), answer.Header("ETag"));
        return new StoreReader(await connection.Http.OpenContentAsync(answer, key, cancellationToken), length, etag);
    }

    // No byte follows the offset: right for a read that had everything already, and a sign of another object otherwise.
    private static async Task<StoreReader> ReadAtEndAsync(S3Connection connection, string key, long offset, string? version, StoreException refused, CancellationToken cancellationToken)
    {
        using var head = await connection.SendAsync(new S3Request(HttpMethod.Head, key), cancellationToken);
        var etag = head.Header("ETag");
        if (LengthOf(head) == offset && (version is null || version == etag))
            return new StoreReader(Stream.Null, offset, etag);
        throw Changed(connection, key, refused);
    }

    private static StoreException Changed(S3Connection connection, string key, StoreException inner) =>
        new(StoreErrorKind.Changed, $"'{key}' in {connection.Name} is another object than when its copy began. Run the sync again.", inner) { Store = connection.Name, Key = key, StatusCode = inner.StatusCode };

    // Of the whole object, also where only a part of it was asked for.
    private static long LengthOf(HttpResponseMessage answer) =>
        answer.Content.Headers.ContentRange?.Length ?? answer.Content.Headers.ContentLength ?? StoreEntry.UnknownSize;
}
