using Amazon.S3.Model;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Stores.S3;

/// <summary>What stays of one key after it was deleted: unfinished uploads, and versions where the bucket keeps them.</summary>
internal static class S3Remains
{
    public static async Task RemoveAsync(S3Connection connection, string key, CancellationToken cancellationToken)
    {
        await TryAsync(() => AbortUploadsAsync(connection, key, cancellationToken));
        await TryAsync(() => DeleteVersionsAsync(connection, key, cancellationToken));
    }

    private static async Task AbortUploadsAsync(S3Connection connection, string key, CancellationToken cancellationToken)
    {
        var full = connection.Prefix + key;
        var listed = await connection.SendAsync(key, (client, token) => client.ListMultipartUploadsAsync(new ListMultipartUploadsRequest { BucketName = connection.Bucket, Prefix = full }, token), cancellationToken);
        foreach (var upload in (listed.MultipartUploads ?? []).Where(upload => upload.Key == full))
            await connection.SendAsync(key, (client, token) => client.AbortMultipartUploadAsync(new AbortMultipartUploadRequest { BucketName = connection.Bucket, Key = full, UploadId = upload.UploadId }, token), cancellationToken);
    }

    private static async Task DeleteVersionsAsync(S3Connection connection, string key, CancellationToken cancellationToken)
    {
        var full = connection.Prefix + key;
        var listed = await connection.SendAsync(key, (client, token) => client.ListVersionsAsync(new ListVersionsRequest { BucketName = connection.Bucket, Prefix = full }, token), cancellationToken);
        foreach (var version in (listed.Versions ?? []).Where(version => version.Key == full))
            await connection.SendAsync(key, (client, token) => client.DeleteObjectAsync(new DeleteObjectRequest { BucketName = connection.Bucket, Key = full, VersionId = version.VersionId }, token), cancellationToken);
    }

    // Not every server has both, and not every account may ask.
    private static async Task TryAsync(Func<Task> remove)
    {
        try
        {
            await remove();
        }
        catch (StoreException e) when (S3RuleChecks.IsUnknown(e))
        {
            // Then there is nothing of that kind, or it is somebody else's to remove.
        }
    }
}
