using Amazon.S3.Model;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Stores.S3;

/// <summary>Copies within one server, by one request or by parts.</summary>
internal sealed class S3Copying(S3Connection connection, long partSize, int concurrency)
{
    /// <summary>Objects above this many bytes are copied in parts. S3's limit; settable for tests.</summary>
    public long MaxSingleCopy { get; set; } = PartPlan.MaxSingleRequest;

    public async Task CopyAsync(string sourceBucket, string sourceKey, string key, long size, CancellationToken cancellationToken)
    {
        if (size <= MaxSingleCopy)
            await CopyWholeAsync(sourceBucket, sourceKey, key, cancellationToken);
        else
            await CopyPartsAsync(sourceBucket, sourceKey, key, size, cancellationToken);
        // An answer does not tell how much was copied, and Ceph ignores conditions on the source.
        var copied = await S3Reading.StatAsync(connection, key, cancellationToken);
        if (copied?.Size != size)
            throw new StoreException(StoreErrorKind.Changed, FormattableString.Invariant($"The server's copy of '{sourceKey}' has {copied?.Size ?? 0} bytes, and {size} were expected: the source changed. Run the sync again.")) { Store = connection.Name, Key = key };
    }

    private Task<CopyObjectResponse> CopyWholeAsync(string sourceBucket, string sourceKey, string key, CancellationToken cancellationToken)
    {
        var request = new CopyObjectRequest { SourceBucket = sourceBucket, SourceKey = sourceKey, DestinationBucket = connection.Bucket, DestinationKey = connection.Prefix + key };
        return connection.SendAsync(key, (client, token) => client.CopyObjectAsync(request, token), cancellationToken, longWork: true);
    }

    private async Task CopyPartsAsync(string sourceBucket, string sourceKey, string key, long size, CancellationToken cancellationToken)
    {
        // Ten parts of what one request may copy: enough to work in parallel, few enough to cost little.
        var plan = PartPlan.For(size, Math.Max(partSize, MaxSingleCopy / 10));
        var upload = await MultipartUpload.BeginAsync(connection, key, cancellationToken);
        try
        {
            var parts = new PartETag[plan.Count];
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, concurrency), CancellationToken = cancellationToken };
            await Parallel.ForAsync(1, plan.Count + 1, parallel, async (number, token) => parts[number - 1] = await upload.CopyAsync(sourceBucket, sourceKey, plan, number, token));
            await upload.CompleteAsync(parts, ifAbsent: false, cancellationToken);
        }
        catch
        {
            // Nothing of ours was sent, so nothing is worth keeping.
            await upload.AbortAsync();
            throw;
        }
    }
}
