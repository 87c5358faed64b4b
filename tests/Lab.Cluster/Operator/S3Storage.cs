using System.Text;
using System.Text.Json.Nodes;
using Amazon.S3;
using Amazon.S3.Model;

namespace RegistryMigration.Lab.Cluster;

/// <summary>An S3 bucket.</summary>
internal sealed class S3Storage(JsonObject section, KubeApi api, LabState lab) : IRegistryStorage
{
    private const string Prefix = "REGISTRY_STORAGE_S3_";

    public string Kind => "s3";

    private string Bucket => section["bucket"]?.GetValue<string>() ?? "";

    private string Region => section["region"]?.GetValue<string>() is { Length: > 0 } region ? region : "us-east-1";

    private string Endpoint => section["regionEndpoint"]?.GetValue<string>() is { Length: > 0 } endpoint ? endpoint : lab.Ceph?.Endpoint.ToString() ?? "";

    public async Task<bool> ExistsAsync(CancellationToken cancellationToken)
    {
        if (Bucket.Length == 0)
            return false;
        using var client = await ConnectAsync(cancellationToken);
        return await HasAsync(client, cancellationToken);
    }

    public async Task<(string Reason, string Message, bool Made)> CreateAsync(CancellationToken cancellationToken)
    {
        var named = Bucket.Length > 0;
        if (!named)
            section["bucket"] = $"image-registry-{Guid.NewGuid():n}";
        using var client = await ConnectAsync(cancellationToken);
        if (named && await HasAsync(client, cancellationToken))
            return ("S3 Bucket Exists", "User supplied S3 bucket exists and is accessible", false);
        await client.PutBucketAsync(Bucket, cancellationToken);
        return ("Creation Successful", "S3 bucket was successfully created", true);
    }

    public async Task<(IReadOnlyList<KeyValuePair<string, string>> Plain, IReadOnlyList<KeyValuePair<string, string>> Hidden)> VariablesAsync(CancellationToken cancellationToken)
    {
        var (access, secret) = await KeysAsync(cancellationToken);
        var plain = new List<KeyValuePair<string, string>>
        {
            new("REGISTRY_STORAGE", "s3"), new(Prefix + "BUCKET", Bucket), new(Prefix + "REGION", Region), new(Prefix + "REGIONENDPOINT", Endpoint),
            new(Prefix + "SECURE", Endpoint.StartsWith("https:", StringComparison.Ordinal) ? "true" : "false"), new(Prefix + "V4AUTH", "true"),
        };
        if (section["chunkSizeMiB"]?.GetValue<int>() is { } size)
            plain.Add(new(Prefix + "CHUNKSIZE", $"{size << 20}"));
        return (plain, [new(Prefix + "ACCESSKEY", access), new(Prefix + "SECRETKEY", secret)]);
    }

    public async Task RemoveAsync(CancellationToken cancellationToken)
    {
        if (Bucket.Length == 0)
            return;
        using var client = await ConnectAsync(cancellationToken);
        if (!await HasAsync(client, cancellationToken))
            return;
        while ((await client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = Bucket }, cancellationToken)).S3Objects is { Count: > 0 } objects)
            foreach (var item in objects)
                await client.DeleteObjectAsync(Bucket, item.Key, cancellationToken);
        await client.DeleteBucketAsync(Bucket, cancellationToken);
    }

    private async Task<bool> HasAsync(AmazonS3Client client, CancellationToken cancellationToken)
    {
        try
        {
            await client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = Bucket, MaxKeys = 1 }, cancellationToken);
            return true;
        }
        catch (AmazonS3Exception e) when (e.StatusCode == System.Net.HttpStatusCode.NotFound)
        {
            return false;
        }
        catch (AmazonS3Exception e)
        {
            throw new OperatorException($"unable to sync storage configuration: {e.ErrorCode}: {e.Message}", storageReason: e.ErrorCode);
        }
    }

    private async Task<AmazonS3Client> ConnectAsync(CancellationToken cancellationToken)
    {
        var (access, secret) = await KeysAsync(cancellationToken);
        return new AmazonS3Client(access, secret, new AmazonS3Config { ServiceURL = Endpoint, ForcePathStyle = true, AuthenticationRegion = Region });
    }

    private async Task<(string Access, string Secret)> KeysAsync(CancellationToken cancellationToken)
    {
        var user = PodVolumes.Data(await api.FindAsync($"{Names.Secrets}/image-registry-private-configuration-user", cancellationToken), secret: true);
        if (user.TryGetValue(Prefix + "ACCESSKEY", out var access) && user.TryGetValue(Prefix + "SECRETKEY", out var secret))
            return (Encoding.UTF8.GetString(access), Encoding.UTF8.GetString(secret));
        var installer = PodVolumes.Data(await api.FindAsync($"{Names.Secrets}/installer-cloud-credentials", cancellationToken), secret: true);
        if (installer.TryGetValue("aws_access_key_id", out access) && installer.TryGetValue("aws_secret_access_key", out secret))
            return (Encoding.UTF8.GetString(access), Encoding.UTF8.GetString(secret));
        throw new OperatorException("unable to sync storage configuration: unable to get credentials for S3: neither image-registry-private-configuration-user nor installer-cloud-credentials has them");
    }
}
