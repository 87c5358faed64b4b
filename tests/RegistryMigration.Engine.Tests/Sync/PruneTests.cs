using RegistryMigration.Engine.Layouts;
using RegistryMigration.Engine.Sync;
using RegistryMigration.Engine.Tests.Support;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Sync;

public sealed class PruneTests
{
    private readonly TestRegistry _source = new(new MemoryStore { Name = "source" });
    private readonly TestRegistry _target = new(new MemoryStore { Name = "target" });

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_being_asked_nothing_is_deleted()
    {
        _source.Image("app", "v1", "one");
        _target.Image("old", "v1", "two");
        await RunAsync(new SyncOptions());
        Assert.Empty(_target.Store.Deleted);
    }

    [Fact]
    public async Task Surplus_is_deleted_tags_first_and_blobs_last()
    {
        _source.Image("app", "v1", "one");
        _target.Image("old", "v1", "two");
        var result = await RunAsync(new SyncOptions { Prune = true });
        Assert.Equal(SyncStatus.Completed, result.Status);
        Assert.Equal(_source.Store.Keys, _target.Store.Keys);
        var kinds = _target.Store.Deleted.Select(key => DistributionLayout.Instance.Classify(key).Kind).ToList();
        Assert.Equal(result.Deleted, kinds.Count);
        Assert.Equal(kinds.OrderDescending(), kinds);
    }

    [Fact]
    public async Task An_empty_source_prunes_nothing()
    {
        _target.Image("old", "v1", "two");
        var result = await RunAsync(new SyncOptions { Prune = true });
        Assert.Equal(SyncStatus.Failed, result.Status);
        Assert.Contains("lists as empty", Assert.Single(result.Failures).Message, StringComparison.Ordinal);
        Assert.Empty(_target.Store.Deleted);
    }

    [Fact]
    public async Task More_than_the_cap_deletes_nothing()
    {
        _source.Image("app", "v1", "one");
        _target.Image("old", "v1", "two");
        var result = await RunAsync(new SyncOptions { Prune = true, MaxDeletes = 3 });
        Assert.Equal(SyncStatus.Failed, result.Status);
        Assert.Empty(_target.Store.Deleted);
    }

    [Fact]
    public async Task A_listing_error_prunes_nothing()
    {
        _source.Image("app", "v1", "one");
        _target.Image("old", "v1", "two");
        _source.Store.OnList = (prefix, _) => prefix == "repositories/" ? throw new StoreException(StoreErrorKind.Denied, "403") : Task.CompletedTask;
        var result = await RunAsync(new SyncOptions { Prune = true });
        Assert.Equal(SyncStatus.Failed, result.Status);
        Assert.Empty(_target.Store.Deleted);
    }

    [Fact]
    public async Task A_failed_copy_prunes_nothing()
    {
        _source.Image("app", "v1", "one");
        _target.Image("old", "v1", "two");
        _target.Store.OnWrite = key => key.StartsWith("blobs/", StringComparison.Ordinal) ? throw new StoreException(StoreErrorKind.Denied, "403") : Task.CompletedTask;
        Assert.Equal(SyncStatus.Failed, (await RunAsync(new SyncOptions { Prune = true })).Status);
        Assert.Empty(_target.Store.Deleted);
    }

    [Fact]
    public void Pruning_with_a_filter_is_refused() =>
        Assert.Throws<ArgumentException>(() => new SyncPass(_source.Store.Open(), _target.Store.Open(), new SyncOptions { Prune = true, Repositories = ["app"] }, TimeProvider.System));

    private Task<SyncResult> RunAsync(SyncOptions options) => new SyncPass(_source.Store.Open(), _target.Store.Open(), options, TimeProvider.System).RunAsync(Token);
}
