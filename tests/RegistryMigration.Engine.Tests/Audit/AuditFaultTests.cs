using RegistryMigration.Engine.Audit;
using RegistryMigration.Engine.Tests.Support;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Audit;

/// <summary>Servers that fail, and limits that hold.</summary>
public sealed class AuditFaultTests : AuditTestBase
{
    [Fact]
    public async Task Passing_failures_are_retried_wherever_they_happen()
    {
        var seen = new HashSet<string>();
        Task FailOnce(string what)
        {
            lock (seen)
                return seen.Add(what) ? throw new StoreException(StoreErrorKind.Throttled, "503") : Task.CompletedTask;
        }

        Store.OnList = (prefix, page) => FailOnce($"{prefix} {page}");
        Store.OnRead = (key, offset) => FailOnce($"{key} {offset}");

        AssertDefects(await AuditAsync(new AuditOptions { Deep = true }));
        // Sixteen listings of blobs, one of repositories, their prefixes, four blobs and the manifest.
        Assert.InRange(seen.Count, 20, 40);
    }

    [Fact]
    public async Task A_read_that_ends_early_goes_on_where_it_stopped()
    {
        var layer = Registry.Layer(Repository, Registry.Blob(new byte[300_000]));
        var offsets = new List<long>();
        Store.OnRead = (key, offset) =>
        {
            if (key == BlobKey(layer))
                offsets.Add(offset);
            return Task.CompletedTask;
        };
        Store.OnStream = (key, stream) => key == BlobKey(layer) && offsets.Count == 1 ? new MemoryStream(new byte[100_000]) : stream;

        AssertDefects(await AuditAsync(new AuditOptions { Deep = true }));
        Assert.Equal([0, 100_000], offsets);
    }

    [Theory]
    [InlineData("blobs/")]
    [InlineData("repositories/")]
    public async Task A_store_that_refuses_to_list_proves_nothing(string prefix)
    {
        Store.OnList = (listed, _) => listed.StartsWith(prefix, StringComparison.Ordinal) ? throw new StoreException(StoreErrorKind.Denied, "403") : Task.CompletedTask;

        var failure = await Assert.ThrowsAsync<StoreException>(() => AuditAsync());
        Assert.Equal(StoreErrorKind.Denied, failure.Kind);
    }

    [Fact]
    public async Task Expired_credentials_end_the_audit()
    {
        Store.OnRead = (_, _) => throw new StoreException(StoreErrorKind.CredentialsExpired, "expired");

        var failure = await Assert.ThrowsAsync<StoreException>(() => AuditAsync(new AuditOptions { Deep = true }));
        Assert.Equal(StoreErrorKind.CredentialsExpired, failure.Kind);
    }

    [Fact]
    public async Task Cancelling_ends_it_at_once()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Store.OnRead = async (_, _) =>
        {
            await stop.CancelAsync();
            stop.Token.ThrowIfCancellationRequested();
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new StoreAudit(Store.Open(), null, new AuditOptions(), TimeProvider.System).RunAsync(stop.Token));
    }

    [Fact]
    public async Task All_defects_are_counted_and_streamed_and_so_many_kept()
    {
        for (var i = 0; i < 50; i++)
            Store.Put(BlobKey(Digest.OfSha256([(byte)i])), []);
        var streamed = new List<StoreDefect>();

        var result = await new StoreAudit(Store.Open(), null, new AuditOptions { MaxDefects = 7 }, TimeProvider.System) { Defect = streamed.Add }.RunAsync(Token);

        Assert.Equal((50, 7, 50), (result.DefectCount, result.Defects.Count, streamed.Count));
        Assert.False(result.IsClean);
    }

    [Fact]
    public async Task A_blob_deleted_meanwhile_is_missing_and_not_unreadable()
    {
        Store.OnRead = (key, _) =>
        {
            if (key == BlobKey(Layer))
                Store.Remove(key);
            return Task.CompletedTask;
        };

        AssertDefects(await AuditAsync(new AuditOptions { Deep = true }), Defect(DefectKind.MissingBlob, BlobKey(Layer), Layer, Repository));
    }

    [Fact]
    public async Task Quays_blobs_are_hashed()
    {
        var store = new MemoryStore();
        var good = Digest.OfSha256("good"u8);
        var bad = Digest.OfSha256("bad"u8);
        store.Put($"sha256/{good.Shard}/{good.Hex}", Bytes("good"));
        store.Put($"sha256/{bad.Shard}/{bad.Hex}", Bytes("BAD"));
        store.Put("uploads/1", []);

        var result = await AuditAsync(store.Open(LayoutKind.Quay), new AuditOptions { Deep = true });

        AssertDefects(result, Defect(DefectKind.WrongDigest, $"sha256/{bad.Shard}/{bad.Hex}", bad));
        Assert.Equal((2, 0), (result.Blobs, result.OrphanBlobs));
    }

    [Fact]
    public async Task Progress_tells_both_phases()
    {
        var told = new List<AuditProgress>();
        var progress = new Sink(told);
        for (var i = 0; i < 3; i++)
            Registry.Image($"more/{i}", "v1", "layer one");
        Store.OnRead = (_, _) => Task.Delay(300, Token);

        var result = await new StoreAudit(Store.Open(), null, new AuditOptions { Concurrency = 1 }, TimeProvider.System) { Progress = progress }.RunAsync(Token);

        Assert.Contains(told, step => step.Phase == "blobs");
        Assert.Contains(told, step => step.Phase == "repositories");
        Assert.InRange(told.Count, 2, 2 + (int)(result.Duration.TotalMilliseconds / 200));
    }

    private sealed class Sink(List<AuditProgress> told) : IProgress<AuditProgress>
    {
        public void Report(AuditProgress value)
        {
            lock (told)
                told.Add(value);
        }
    }
}
