using System.Globalization;
using System.Net;
using Amazon.S3.Model;
using RegistryMigration.Engine.Content;
using RegistryMigration.Engine.Http;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Stores.S3;

/// <summary>HEAD and GET.</summary>
internal static class S3Reading
{
    public static async Task<StoreEntry?> StatAsync(S3Connection connection, string key, CancellationToken cancellationToken) =>
        await HeadAsync(connection, key, cancellationToken) is { } head ? new StoreEntry(key, head.ContentLength, Md5Hash.InETag(head.ETag), Utc(head.LastModified)) : null;

    public static async Task<StoreReader> ReadAsync(S3Connection connection, string key, long offset, string? version, CancellationToken cancellationToken)
    {
        var request = new GetObjectRequest { BucketName = connection.Bucket, Key = connection.Prefix + key, EtagToMatch = version };
        if (offset > 0)
            request.ByteRange = new ByteRange(string.Create(CultureInfo.InvariantCulture, $"bytes={offset}-"));
        GetObjectResponse answer;
        try
        {
            answer = await connection.SendAsync(key, (client, token) => client.GetObjectAsync(request, token), cancellationToken);
        }
        catch (StoreException e) when (e.StatusCode == (int)HttpStatusCode.PreconditionFailed && version is not null)
        {
            throw Changed(connection, key, e);
        }
        catch (StoreException e) when (e.StatusCode == (int)HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            return await ReadAtEndAsync(connection, key, offset, version, e, cancellationToken);
        }

        if (offset > 0 && answer.HttpStatusCode != HttpStatusCode.PartialContent)
        {
            answer.Dispose();
            throw new StoreException(StoreErrorKind.Unsupported, $"{connection.Endpoint} answers a request for a part of '{key}' with the whole. Resuming needs Range; look for a proxy that removes it.") { Store = connection.Name, Key = key };
        }

        var body = new ResponseStream(answer.ResponseStream, answer, connection.Traffic, new StallWatch(connection.Context.StallTimeout, connection.Context.Time), (e, watch) => S3Errors.From(e, watch, connection, key));
        return new StoreReader(body, TotalLength(answer), answer.ETag);
    }

    public static DateTimeOffset? Utc(DateTime? time) => time is { } known ? new DateTimeOffset(known.ToUniversalTime()) : null;

    private static async Task<GetObjectMetadataResponse?> HeadAsync(S3Connection connection, string key, CancellationToken cancellationToken)
    {
        try
        {
            var request = new GetObjectMetadataRequest { BucketName = connection.Bucket, Key = connection.Prefix + key };
            return await connection.SendAsync(key, (client, token) => client.GetObjectMetadataAsync(request, token), cancellationToken);
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.NotFound)
        {
            return null;
        }
    }

    // No byte follows the offset: right for a read that had everything already, and a sign of another object otherwise.
    private static async Task<StoreReader> ReadAtEndAsync(S3Connection connection, string key, long offset, string? version, StoreException refused, CancellationToken cancellationToken)
    {
        var head = await HeadAsync(connection, key, cancellationToken);
        if (head?.ContentLength == offset && (version is null || version == head.ETag))
            return new StoreReader(Stream.Null, offset, head.ETag);
        throw Changed(connection, key, refused);
    }

    private static StoreException Changed(S3Connection connection, string key, StoreException inner) =>
        new(StoreErrorKind.Changed, $"'{key}' in {connection.Name} is another object than when its copy began. Run the sync again.", inner) { Store = connection.Name, Key = key, StatusCode = inner.StatusCode };

    private static long TotalLength(GetObjectResponse answer) =>
        answer.ContentRange is { } range && long.TryParse(range.AsSpan(range.LastIndexOf('/') + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var total) ? total : answer.ContentLength;
}
