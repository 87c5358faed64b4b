using System.Globalization;
using System.Net;
using Amazon.S3.Model;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Stores.S3;

/// <summary>HEAD and GET.</summary>
internal static class S3Reading
{
    private static readonly System.Buffers.SearchValues<char> HexDigits = System.Buffers.SearchValues.Create("0123456789abcdef");

    public static async Task<StoreEntry?> StatAsync(S3Connection connection, string key, CancellationToken cancellationToken) =>
        await HeadAsync(connection, key, cancellationToken) is { } head ? new StoreEntry(key, head.ContentLength, Md5Of(head.ETag), Utc(head.LastModified)) : null;

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

        return new StoreReader(new S3ReadStream(answer.ResponseStream, connection, key), TotalLength(answer), answer.ETag, answer);
    }

    /// <summary>The MD5 in an ETag; null where it is none (multipart: it has a dash; encrypted by keys of KMS: it may look like one).</summary>
    public static string? Md5Of(string? etag)
    {
        var bare = etag.AsSpan().Trim('"');
        return bare.Length == 32 && !bare.ContainsAnyExcept(HexDigits) ? bare.ToString() : null;
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
