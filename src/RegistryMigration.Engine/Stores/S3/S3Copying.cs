using Amazon.S3.Model;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Stores.S3;

/// <summary>Copies within one server, by one request or by parts.</summary>
internal sealed class S3Copying(S3Connection connection, long partSize, int concurrency)
{
    /// <summary>Objects above this many bytes are copied in parts. S3's limit; settable for tests.</summary>
    public long MaxSingleCopy { get; set; } = PartPlan.MaxSingleRequest;

    public async Task CopyAsync(S3Connection source, string sourceKey, string key, long size, CancellationToken cancellationToken)
    {
        if (size <= MaxSingleCopy)
            await CopyWholeAsync(source, sourceKey, key, cancellationToken);
        else
            await CopyPartsAsync(source, sourceKey, key, size, cancellationToken);
        // An answer does not tell how much was copied, and Ceph ignores conditions on the source.
        await CheckSizeAsync(connection, key, size, cancellationToken);
    }

    private Task<CopyObjectResponse> CopyWholeAsync(S3Connection source, string sourceKey, string key, CancellationToken cancellationToken)
    {
        var request = new CopyObjectRequest { SourceBucket = source.Bucket, SourceKey = source.Prefix + sourceKey, DestinationBucket = connection.Bucket, DestinationKey = connection.Prefix + key };
        return connection.SendAsync(key, (client, token) => client.CopyObjectAsync(request, token), cancellationToken, longWork: true);
    }

    private async Task CopyPartsAsync(S3Connection source, string sourceKey, string key, long size, CancellationToken cancellationToken)
    {
        // Ranges of a source that has grown would make a whole of the expected size.
        await CheckSizeAsync(source, sourceKey, size, cancellationToken);
        // Ten parts of what one request may copy: enough to work in parallel, few enough to cost little.
        var plan = PartPlan.For(size, Math.Max(partSize, MaxSingleCopy / 10));
        var upload = await MultipartUpload.BeginAsync(connection, key, cancellationToken);
        try
        {
            var parts = new PartETag[plan.Count];
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, concurrency), CancellationToken = cancellationToken };
            await Parallel.ForAsync(1, plan.Count + 1, parallel, async (number, token) => parts[number - 1] = await upload.CopyAsync(source, sourceKey, plan, number, token));
            await connection.Context.Retry.ExecuteAsync(connection.Traffic, async token => await upload.CompleteAsync(parts, ifAbsent: false, token), cancellationToken);
        }
        catch (StoreException e) when (S3Errors.CodeOf(e) == "NoSuchUpload")
        {
            // Completed by an attempt whose answer got lost; the size is looked at in any case.
        }
        catch
        {
            // Nothing of ours was sent, so nothing is worth keeping.
            await upload.AbortAsync();
            throw;
        }
    }

    private static async Task CheckSizeAsync(S3Connection where, string key, long size, CancellationToken cancellationToken)
    {
        var entry = await S3Reading.StatAsync(where, key, cancellationToken)
            ?? throw new StoreException(StoreErrorKind.NotFound, $"There is no '{key}' in {where.Name}.") { Store = where.Name, Key = key };
        if (entry.Size != size)
            throw new StoreException(StoreErrorKind.Changed, FormattableString.Invariant($"'{key}' in {where.Name} has {entry.Size} bytes, and {size} were expected: the source changed. Run the sync again.")) { Store = where.Name, Key = key };
    }
}
