using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using RegistryMigration.Engine.Tests.Lab;
using RegistryMigration.Engine.Tests.Stores.Swift;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Scenarios;

/// <summary>The storages that a Quay is moved between.</summary>
public enum QuayStorage
{
    /// <summary>Ceph's gateway, its first user.</summary>
    Ceph,

    /// <summary>The same, another user, who may not read what the first one has.</summary>
    CephSecond,

    /// <summary>Swift's S3 API.</summary>
    SwiftS3,

    /// <summary>Swift.</summary>
    Swift,

    /// <summary>LocalStorage.</summary>
    Directory,
}

/// <summary>A new storage of its own, filled and asked as Quay does: past the product.</summary>
internal abstract class QuayPlace : IAsyncDisposable
{
    private readonly StoreAddress _bare;
    private readonly S3Options _s3;
    private readonly SwiftOptions _swift;

    protected QuayPlace(StoreAddress address, S3Options? s3 = null, SwiftOptions? swift = null)
    {
        _bare = address;
        _s3 = s3 ?? new S3Options();
        _swift = swift ?? new SwiftOptions();
    }

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<QuayPlace> CreateAsync(LabFixture lab, QuayStorage storage)
    {
        if (storage != QuayStorage.Directory)
            await lab.RequireAsync(storage is QuayStorage.Ceph or QuayStorage.CephSecond ? "ceph" : "swift");
        return storage switch
        {
            QuayStorage.Directory => new QuayDirectory(),
            QuayStorage.Swift => new QuayContainer(await SwiftSpace.TempAuthAsync(lab), SwiftSpace.Options(lab.Swift)),
            QuayStorage.SwiftS3 => await QuayBucket.CreateAsync(lab.Swift.S3Endpoint, lab.Swift.Region, lab.Swift.User, lab.Swift.Key),
            QuayStorage.CephSecond => await QuayBucket.CreateAsync(lab.Ceph, lab.Ceph.Second),
            _ => await QuayBucket.CreateAsync(lab.Ceph),
        };
    }

    /// <summary>The storage as a user names it.</summary>
    public RegistryStore Define(string prefix = "", string? root = null, LayoutKind? layout = null) =>
        new(prefix.Length == 0 ? _bare : StoreAddress.InContainer(_bare.Kind, _bare.Container, prefix)) { Root = root, Layout = layout, S3 = _s3, Swift = _swift };

    public abstract Task PutAsync(string key, byte[] content);

    public abstract Task<byte[]> GetAsync(string key);

    public abstract Task DeleteAsync(string key);

    /// <summary>All keys in order, without the segments of large objects.</summary>
    public abstract Task<IReadOnlyList<string>> KeysAsync();

    public abstract ValueTask DisposeAsync();
}

/// <summary>A bucket, with Amazon's client.</summary>
internal sealed class QuayBucket : QuayPlace
{
    private const int Part = 8 << 20;

    private QuayBucket(AmazonS3Client client, string name, S3Options options)
        : base(StoreAddress.InContainer(StoreKind.S3, name), options)
    {
        Client = client;
        Name = name;
    }

    public AmazonS3Client Client { get; }

    public string Name { get; }

    /// <summary>A bucket of Ceph's first user, or of another one.</summary>
    public static Task<QuayBucket> CreateAsync(CephEndpoints ceph, LabAccessKey? user = null) =>
        CreateAsync(ceph.Endpoint, ceph.Region, user?.AccessKey ?? ceph.AccessKey, user?.SecretKey ?? ceph.SecretKey);

    public static async Task<QuayBucket> CreateAsync(Uri endpoint, string region, string accessKey, string secretKey)
    {
        var client = new AmazonS3Client(accessKey, secretKey, new AmazonS3Config
        {
            ServiceURL = endpoint.ToString(),
            AuthenticationRegion = region,
            ForcePathStyle = true,
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        });
        var name = "quay-" + Guid.NewGuid().ToString("n");
        await client.PutBucketAsync(name, Token);
        return new QuayBucket(client, name, new S3Options { Endpoint = endpoint, Region = region, AccessKey = accessKey, SecretKey = new Secret(secretKey) });
    }

    // In parts from one part on, as Quay does: then no listing carries an MD5.
    public override async Task PutAsync(string key, byte[] content)
    {
        if (content.Length <= Part)
        {
            await Client.PutObjectAsync(new PutObjectRequest { BucketName = Name, Key = key, InputStream = new MemoryStream(content), UseChunkEncoding = false }, Token);
            return;
        }

        var upload = await Client.InitiateMultipartUploadAsync(Name, key, Token);
        var parts = new List<PartETag>();
        for (var at = 0; at < content.Length; at += Part)
        {
            var part = new UploadPartRequest
            {
                BucketName = Name,
                Key = key,
                UploadId = upload.UploadId,
                PartNumber = parts.Count + 1,
                InputStream = new MemoryStream(content, at, Math.Min(Part, content.Length - at)),
                PartSize = Math.Min(Part, content.Length - at),
                UseChunkEncoding = false,
            };
            parts.Add(new PartETag(parts.Count + 1, (await Client.UploadPartAsync(part, Token)).ETag));
        }

        await Client.CompleteMultipartUploadAsync(new CompleteMultipartUploadRequest { BucketName = Name, Key = key, UploadId = upload.UploadId, PartETags = parts }, Token);
    }

    public override async Task<byte[]> GetAsync(string key)
    {
        using var answer = await Client.GetObjectAsync(Name, key, Token);
        using var content = new MemoryStream();
        await answer.ResponseStream.CopyToAsync(content, Token);
        return content.ToArray();
    }

    public override Task DeleteAsync(string key) => Client.DeleteObjectAsync(Name, key, Token);

    public override async Task<IReadOnlyList<string>> KeysAsync() => [.. (await ObjectsAsync()).Select(found => found.Key).Order(StringComparer.Ordinal)];

    /// <summary>Everything in the bucket.</summary>
    public async Task<List<S3Object>> ObjectsAsync()
    {
        var all = new List<S3Object>();
        var request = new ListObjectsV2Request { BucketName = Name };
        ListObjectsV2Response page;
        do
        {
            page = await Client.ListObjectsV2Async(request, Token);
            all.AddRange(page.S3Objects ?? []);
            request.ContinuationToken = page.NextContinuationToken;
        }
        while (page.IsTruncated == true);
        return all;
    }

    public override ValueTask DisposeAsync()
    {
        Client.Dispose();
        return default;
    }
}

/// <summary>A container, with plain HTTP. Quay keeps each blob as a dynamic large object, small ones as well (storage/swift.py).</summary>
internal sealed class QuayContainer(SwiftSpace space, SwiftOptions options) : QuayPlace(StoreAddress.InContainer(StoreKind.Swift, space.Container), swift: options)
{
    private const int Chunk = 5 << 20;

    public override async Task PutAsync(string key, byte[] content)
    {
        if (key.IndexOf("sha256/", StringComparison.Ordinal) is not (>= 0 and var start))
        {
            await space.PutAsync(key, content);
            return;
        }

        var segments = $"{key[..start]}segments/{Guid.NewGuid()}";
        for (var at = 0; at < content.Length; at += Chunk)
            await space.PutAsync($"{segments}/{at / Chunk:D9}", content[at..Math.Min(at + Chunk, content.Length)]);
        await space.PutAsync(key, [], ("X-Object-Manifest", $"{space.Container}/{segments}"));
    }

    public override Task<byte[]> GetAsync(string key) => space.GetAsync(key);

    public override async Task DeleteAsync(string key) => (await space.SendAsync(HttpMethod.Delete, key)).Dispose();

    public override async Task<IReadOnlyList<string>> KeysAsync() =>
        [.. (await space.NamesAsync()).Where(name => !$"/{name}".Contains("/segments/", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    public override ValueTask DisposeAsync() => space.DisposeAsync();
}

/// <summary>A directory.</summary>
internal sealed class QuayDirectory() : QuayPlace(StoreAddress.Directory(Directory.CreateTempSubdirectory("rm-quay-").FullName))
{
    private string Root => Define().Address.Container;

    public override async Task PutAsync(string key, byte[] content)
    {
        var path = Path.Combine(Root, key);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllBytesAsync(path, content, Token);
    }

    public override Task<byte[]> GetAsync(string key) => File.ReadAllBytesAsync(Path.Combine(Root, key), Token);

    public override Task DeleteAsync(string key)
    {
        File.Delete(Path.Combine(Root, key));
        return Task.CompletedTask;
    }

    public override Task<IReadOnlyList<string>> KeysAsync() => Task.FromResult<IReadOnlyList<string>>(
        [.. Directory.EnumerateFiles(Root, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(Root, path)).Order(StringComparer.Ordinal)]);

    public override ValueTask DisposeAsync()
    {
        Directory.Delete(Root, recursive: true);
        return default;
    }
}
