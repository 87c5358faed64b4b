using Amazon.S3.Model;
using RegistryMigration.Engine.Content;
using RegistryMigration.Engine.Http;
using RegistryMigration.Engine.Stores.S3.Requests;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Stores.S3;

/// <summary>A multipart upload on the server that this run has begun or taken over, with the requests that belong to one.</summary>
internal sealed class MultipartUpload
{
    private static readonly TimeSpan AbortTimeout = TimeSpan.FromSeconds(30);

    private readonly S3Connection _connection;
    private readonly string _id;
    private readonly IReadOnlyDictionary<int, string> _present;

    private MultipartUpload(S3Connection connection, string key, string id, IReadOnlyDictionary<int, string> present)
    {
        _connection = connection;
        Key = key;
        _id = id;
        _present = present;
    }

    /// <summary>The object's key, without the prefix.</summary>
    public string Key { get; }

    public static async Task<MultipartUpload> BeginAsync(S3Connection connection, string key, CancellationToken cancellationToken)
    {
        var request = new InitiateMultipartUploadRequest { BucketName = connection.Bucket, Key = connection.Prefix + key, ContentType = S3Writing.ContentType };
        var begun = await connection.RetryAsync(key, (client, token) => client.InitiateMultipartUploadAsync(request, token), cancellationToken);
        return new MultipartUpload(connection, key, begun.UploadId, new Dictionary<int, string>());
    }

    /// <summary>The newest unfinished upload of exactly this key whose parts are all as the plan would cut them; null where there is none.</summary>
    public static async Task<MultipartUpload?> FindAsync(S3Connection connection, string key, PartPlan plan, CancellationToken cancellationToken)
    {
        try
        {
            var full = connection.Prefix + key;
            var request = new ListMultipartUploadsRequest { BucketName = connection.Bucket, Prefix = full };
            var listed = await connection.RetryAsync(key, (client, token) => client.ListMultipartUploadsAsync(request, token), cancellationToken);
            foreach (var upload in (listed.MultipartUploads ?? []).Where(upload => upload.Key == full).OrderByDescending(upload => upload.Initiated))
            {
                if (await PartsAsync(connection, key, upload.UploadId, plan, cancellationToken) is { } parts)
                    return new MultipartUpload(connection, key, upload.UploadId, parts);
            }
        }
        catch (StoreException e) when (e.Kind is StoreErrorKind.Denied or StoreErrorKind.Unsupported || S3Errors.CodeOf(e) == "NoSuchUpload")
        {
            // Resuming is a saving. Without the right to list, or with the upload finished meanwhile, it starts anew.
        }

        return null;
    }

    /// <summary>Sends a part unless the server has it, and answers its ETag.</summary>
    public async Task<PartETag> SendAsync(PartBuffer part, CancellationToken cancellationToken)
    {
        // Its MD5 says whether a part that is there has these bytes. Hashed only where there is one; the object's digest is checked elsewhere.
        if (_present.TryGetValue(part.Number, out var etag) && Md5Hash.InETag(etag) == part.Md5())
            return new PartETag(part.Number, etag);
        var sha256 = part.Sha256();
        return await _connection.Context.Retry.ExecuteAsync(_connection.Traffic, async token =>
        {
            await using var body = new UploadStream(part.Length, part.OpenAsync, _connection.Traffic);
            var request = new S3Request(HttpMethod.Put, Key) { Query = $"partNumber={part.Number}&uploadId={Uri.EscapeDataString(_id)}", Body = body, Sha256 = sha256 };
            using var answer = await _connection.SendAsync(request, token);
            return new PartETag(part.Number, answer.Header("ETag"));
        }, cancellationToken);
    }

    /// <summary>Has the server fill a part from another object.</summary>
    public async Task<PartETag> CopyAsync(S3Connection source, string sourceKey, PartPlan plan, int number, CancellationToken cancellationToken)
    {
        var request = new CopyPartRequest
        {
            SourceBucket = source.Bucket,
            SourceKey = source.Prefix + sourceKey,
            FirstByte = plan.Start(number),
            LastByte = plan.Start(number) + plan.SizeOf(number) - 1,
            DestinationBucket = _connection.Bucket,
            DestinationKey = _connection.Prefix + Key,
            UploadId = _id,
            PartNumber = number,
        };
        var answer = await _connection.RetryAsync(Key, (client, token) => client.CopyPartAsync(request, token), cancellationToken, longWork: true);
        return new PartETag(number, answer.ETag);
    }

    /// <summary>Makes the object of its parts, in one attempt.</summary>
    public Task<CompleteMultipartUploadResponse> CompleteAsync(IEnumerable<PartETag> parts, bool ifAbsent, CancellationToken cancellationToken)
    {
        var request = new CompleteMultipartUploadRequest
        {
            BucketName = _connection.Bucket,
            Key = _connection.Prefix + Key,
            UploadId = _id,
            PartETags = [.. parts],
            IfNoneMatch = ifAbsent ? "*" : null,
        };
        return _connection.SendAsync(Key, (client, token) => client.CompleteMultipartUploadAsync(request, token), cancellationToken, longWork: true);
    }

    /// <summary>Throws the parts away, as far as the server lets us: a failure here must not hide the one that led here.</summary>
    public async Task AbortAsync()
    {
        // Not the caller's token, which may be why we are here.
        using var time = new CancellationTokenSource(AbortTimeout, _connection.Context.Time);
        try
        {
            var request = new AbortMultipartUploadRequest { BucketName = _connection.Bucket, Key = _connection.Prefix + Key, UploadId = _id };
            await _connection.SendAsync(Key, (client, token) => client.AbortMultipartUploadAsync(request, token), time.Token);
        }
        catch (Exception e) when (e is StoreException or OperationCanceledException)
        {
            // The next run takes the upload over, or the bucket's lifecycle rule removes it.
        }
    }

    // The parts that are there by number; null where one does not fit the plan.
    private static async Task<Dictionary<int, string>?> PartsAsync(S3Connection connection, string key, string id, PartPlan plan, CancellationToken cancellationToken)
    {
        var parts = new Dictionary<int, string>();
        var request = new ListPartsRequest { BucketName = connection.Bucket, Key = connection.Prefix + key, UploadId = id };
        while (true)
        {
            var page = await connection.RetryAsync(key, (client, token) => client.ListPartsAsync(request, token), cancellationToken);
            foreach (var part in page.Parts ?? [])
            {
                if (part.PartNumber is not { } number || number < 1 || number > plan.Count || part.Size != plan.SizeOf(number))
                    return null;
                parts[number] = part.ETag;
            }

            var next = page.NextPartNumberMarker?.ToString(System.Globalization.CultureInfo.InvariantCulture);
            if (page.IsTruncated != true || next is null || next == request.PartNumberMarker)
                return parts;
            request.PartNumberMarker = next;
        }
    }
}
