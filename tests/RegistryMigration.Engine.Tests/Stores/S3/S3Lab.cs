using RegistryMigration.Engine.Resilience;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Engine.Stores.S3;
using RegistryMigration.Engine.Tests.Lab;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Stores.S3;

/// <summary>The real S3 servers that every test runs against.</summary>
public enum S3Peer
{
    /// <summary>Ceph's radosgw.</summary>
    Ceph,

    /// <summary>Swift's s3api, which answers 501 to conditional writes.</summary>
    Swift,
}

/// <summary>Buckets and stores on the lab's servers.</summary>
internal sealed class S3Lab(LabFixture lab)
{
    public const int MiB = 1 << 20;

    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public LabFixture Servers => lab;

    /// <summary>A store on a bucket of its own that exists and is empty.</summary>
    public async Task<S3Store> NewBucketAsync(S3Peer peer, Func<S3Options, S3Options>? change = null, StoreContext? context = null)
    {
        await RequireAsync(peer);
        var store = Open(peer, NewName(), change: change, context: context);
        Assert.True(await store.InitializeAsync(new Dictionary<string, string>(), Cancellation));
        return store;
    }

    public static string NewName() => "test-" + Guid.NewGuid().ToString("n");

    public Task RequireAsync(S3Peer peer) => lab.RequireAsync(peer == S3Peer.Ceph ? "ceph" : "swift");

    public Uri Endpoint(S3Peer peer) => peer == S3Peer.Ceph ? lab.Ceph.Endpoint : lab.Swift.S3Endpoint;

    public S3Store Open(S3Peer peer, string bucket, string prefix = "", string root = "", Func<S3Options, S3Options>? change = null, TlsOptions? tls = null, StoreContext? context = null)
    {
        var options = Options(peer);
        return S3Store.Create(StoreAddress.InContainer(StoreKind.S3, bucket, prefix), root, change?.Invoke(options) ?? options, tls ?? new TlsOptions(), context ?? Impatient());
    }

    public S3Options Options(S3Peer peer) => peer == S3Peer.Ceph
        ? new S3Options { Endpoint = lab.Ceph.Endpoint, Region = lab.Ceph.Region, AccessKey = lab.Ceph.AccessKey, SecretKey = new Secret(lab.Ceph.SecretKey) }
        : new S3Options { Endpoint = lab.Swift.S3Endpoint, Region = lab.Swift.Region, AccessKey = lab.Swift.User, SecretKey = new Secret(lab.Swift.Key) };

    /// <summary>Retries without long waits.</summary>
    public static StoreContext Impatient(TimeSpan? stall = null, int attempts = 4, TimeProvider? time = null) => new()
    {
        Retry = new RetryPolicy(new RetryOptions { Attempts = attempts, BaseDelay = TimeSpan.FromMilliseconds(10) }, TimeProvider.System),
        StallTimeout = stall ?? TimeSpan.FromSeconds(30),
        Time = time ?? TimeProvider.System,
    };

    public static byte[] Bytes(int length, int seed = 1)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>Content that streams and can't be rewound, with its digest.</summary>
    public static StoreContent Streaming(byte[] bytes, bool ifAbsent = false) =>
        new(bytes.Length, _ => new ValueTask<Stream>(new OneWayStream(bytes))) { Sha256 = Digest.OfSha256(bytes), IfAbsent = ifAbsent };

    /// <summary>Content whose source fails before the last bytes, as one whose digest is wrong does.</summary>
    public static StoreContent Failing(byte[] bytes, Exception failure, Digest? digest = null) =>
        new(bytes.Length, _ => new ValueTask<Stream>(new OneWayStream(bytes, failure))) { Sha256 = digest ?? Digest.OfSha256(bytes) };

    public static async Task<byte[]> ReadAllAsync(IStore store, string key, long offset = 0)
    {
        await using var reader = await store.ReadAsync(key, offset, version: null, Cancellation);
        using var copy = new MemoryStream();
        await reader.Content.CopyToAsync(copy, Cancellation);
        return copy.ToArray();
    }

    public static async Task<List<StoreEntry>> ListAllAsync(IStore store, string prefix = "")
    {
        var entries = new List<StoreEntry>();
        await foreach (var page in store.ListAsync(prefix, rejected: null, Cancellation))
            entries.AddRange(page.ToArray());
        return entries;
    }

    public static async Task<StoreException> FailsAsync(StoreErrorKind kind, Func<Task> action)
    {
        var failure = await Assert.ThrowsAsync<StoreException>(action);
        Assert.True(kind == failure.Kind, $"expected {kind}, was {failure.Kind}: {failure.Message}");
        return failure;
    }

    private sealed class OneWayStream(byte[] bytes, Exception? failure = null) : Stream
    {
        private int _position;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Task.Yield();
            var count = Math.Min(buffer.Length, bytes.Length - _position);
            if (failure is not null && _position + count == bytes.Length)
                count = count > 1 ? count / 2 : throw failure;
            bytes.AsMemory(_position, count).CopyTo(buffer);
            _position += count;
            return count;
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Read asynchronously.");

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}

internal static class S3OptionsChanges
{
    public static S3Options At(this S3Options options, Uri endpoint) => options.With(endpoint: endpoint);

    public static S3Options InParts(this S3Options options, long partSize = PartPlan.MinPartSize, int concurrency = 2) =>
        options.With(partSize: partSize, threshold: partSize, concurrency: concurrency);

    public static S3Options With(
        this S3Options options, Uri? endpoint = null, string? accessKey = null, string? secretKey = null, string? sessionToken = null, long? partSize = null, long? threshold = null, int? concurrency = null) => new()
    {
        Endpoint = endpoint ?? options.Endpoint,
        Region = options.Region,
        AccessKey = accessKey ?? options.AccessKey,
        SecretKey = secretKey is null ? options.SecretKey : new Secret(secretKey),
        SessionToken = sessionToken is null ? options.SessionToken : new Secret(sessionToken),
        PartSize = partSize ?? options.PartSize,
        MultipartThreshold = threshold ?? options.MultipartThreshold,
        PartConcurrency = concurrency ?? options.PartConcurrency,
    };
}
