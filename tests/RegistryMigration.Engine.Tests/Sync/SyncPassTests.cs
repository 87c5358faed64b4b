using RegistryMigration.Engine.Layouts;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Engine.Sync;
using RegistryMigration.Engine.Tests.Support;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Sync;

public sealed class SyncPassTests
{
    private readonly TestRegistry _source = new(new MemoryStore { Name = "source" });
    private readonly MemoryStore _target = new() { Name = "target" };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Everything_arrives_and_a_second_pass_copies_nothing()
    {
        Fill();
        var first = await RunAsync();
        Assert.Equal(SyncStatus.Completed, first.Status);
        Assert.Equal(_source.Store.Keys, _target.Keys);
        Assert.All(_target.Keys, key => Assert.Equal(_source.Store.Get(key), _target.Get(key)));
        Assert.Equal(_target.Keys.Count, first.Copied);

        var second = await RunAsync();
        Assert.Equal(SyncStatus.Completed, second.Status);
        Assert.Equal(0, second.Copied);
        Assert.Equal(_target.Keys.Count, second.Unchanged);
    }

    [Fact]
    public async Task Nothing_is_written_before_what_it_points_at()
    {
        Fill();
        await RunAsync(new SyncOptions { MaxConcurrency = 8 });
        var order = _target.Written.Select((key, at) => (Info: DistributionLayout.Instance.Classify(key), At: at)).ToList();
        var lastBlob = order.Where(entry => entry.Info.Kind == EntryKind.Blob).Max(entry => entry.At);
        Assert.All(order.Where(entry => entry.Info.Kind != EntryKind.Blob), entry => Assert.True(entry.At > lastBlob));
        foreach (var repository in order.Where(entry => entry.Info.Repository is not null).GroupBy(entry => entry.Info.Repository))
        {
            var phases = repository.OrderBy(entry => entry.At).Select(entry => entry.Info.Kind).ToList();
            Assert.Equal(phases.Order(), phases);
        }
    }

    [Fact]
    public async Task A_huge_repository_is_not_held_whole_before_its_links_are_written()
    {
        var layer = _source.Blob("shared");
        for (var i = 0; i < 20_000; i++)
        {
            var digest = Digest.OfSha256(BitConverter.GetBytes(i));
            _source.Link(DistributionLayout.LayerLinkKey("huge", digest), digest);
        }

        var (pages, pagesAtFirstLink) = (0, 0);
        _source.Store.OnList = (prefix, page) =>
        {
            pages = prefix == "repositories/huge/" ? page : pages;
            return Task.CompletedTask;
        };
        _target.OnWrite = key =>
        {
            if (key.StartsWith("repositories/", StringComparison.Ordinal))
                Interlocked.CompareExchange(ref pagesAtFirstLink, pages, 0);
            return Task.CompletedTask;
        };
        var result = await RunAsync();
        Assert.Equal((SyncStatus.Completed, 20_001L), (result.Status, result.Copied));
        Assert.InRange(pagesAtFirstLink, 1, 12);
        Assert.Equal(20, pages);
        Assert.NotNull(_target.Get(DistributionLayout.Instance.BlobKey(layer)));
    }

    [Fact]
    public async Task Links_are_written_from_their_key_without_reading_them()
    {
        Fill();
        var read = new List<string>();
        _source.Store.OnRead = (key, _) =>
        {
            lock (read)
                read.Add(key);
            return Task.CompletedTask;
        };
        await RunAsync();
        Assert.DoesNotContain(read, key => DistributionLayout.Instance.Classify(key).IsDerivedLink);
    }

    [Fact]
    public async Task Uploads_and_unknown_entries_are_skipped_by_meaning_and_counted()
    {
        Fill();
        _source.Store.Put("repositories/team/app/_uploads/5d3c/data", new byte[10]);
        _source.Store.Put("repositories/team/app/_uploads/5d3c/hashstates/sha256/10", new byte[5]);
        _source.Store.Put("blobs/sha256/zz/odd", new byte[7]);
        var result = await RunAsync();
        Assert.Equal([new SkippedEntries(EntryKind.Upload, 2, 15), new SkippedEntries(EntryKind.Unknown, 1, 7)], result.Skipped);
        Assert.DoesNotContain(_target.Keys, key => key.Contains("_uploads", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_moved_tag_is_the_only_thing_that_the_next_pass_copies()
    {
        var second = Fill();
        var before = (await RunAsync()).Copied;
        _source.Tag("team/app", "v1", second);
        var result = await RunAsync();
        Assert.Equal(1, result.Overwritten);
        Assert.Equal([DistributionLayout.TagIndexLinkKey("team/app", "v1", second), DistributionLayout.TagCurrentLinkKey("team/app", "v1")], _target.Written.Skip((int)before));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_tag_is_compared_by_reading_just_the_side_that_lists_no_MD5(bool sourceListsMd5)
    {
        var plain = new StoreCapabilities();
        var source = new TestRegistry(new MemoryStore { Name = "source", Capabilities = sourceListsMd5 ? _target.Capabilities : plain });
        var target = new MemoryStore { Name = "target", Capabilities = sourceListsMd5 ? plain : _target.Capabilities };
        source.Image("app", "v1", "one");
        var first = await new SyncPass(source.Store.Open(), target.Open(), new SyncOptions(), TimeProvider.System).RunAsync(Token);
        var (atSource, atTarget) = (new List<string>(), new List<string>());
        source.Store.OnRead = (key, _) => Note(atSource, key);
        target.OnRead = (key, _) => Note(atTarget, key);
        var second = await new SyncPass(source.Store.Open(), target.Open(), new SyncOptions(), TimeProvider.System).RunAsync(Token);
        Assert.Equal((first.Copied, 0L), (second.Unchanged, second.Copied));
        Assert.Equal([DistributionLayout.TagCurrentLinkKey("app", "v1")], sourceListsMd5 ? atTarget : atSource);
        Assert.Empty(sourceListsMd5 ? atSource : atTarget);

        static Task Note(List<string> keys, string key)
        {
            lock (keys)
                keys.Add(key);
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task A_half_written_blob_at_the_target_is_replaced()
    {
        Fill();
        var key = _source.Store.Keys.First(key => key.StartsWith("blobs/", StringComparison.Ordinal));
        _target.Put(key, [1, 2, 3]);
        var result = await RunAsync();
        Assert.Equal(SyncStatus.Completed, result.Status);
        Assert.Equal(_source.Store.Get(key), _target.Get(key));
        Assert.Equal(1, result.Overwritten);
    }

    [Fact]
    public async Task A_pass_can_be_shared_by_shards()
    {
        Fill();
        for (var i = 0; i < 3; i++)
            Assert.Equal(SyncStatus.Completed, (await RunAsync(new SyncOptions { Shard = new SyncShard(i, 3), Phases = SyncPhases.Blobs })).Status);
        for (var i = 0; i < 3; i++)
            Assert.Equal(SyncStatus.Completed, (await RunAsync(new SyncOptions { Shard = new SyncShard(i, 3), Phases = SyncPhases.Links })).Status);
        Assert.Equal(_source.Store.Keys, _target.Keys);
        Assert.Equal(_target.Keys.Count, _target.Written.Count);
    }

    [Fact]
    public async Task A_comparison_tells_what_a_pass_would_do_and_changes_nothing()
    {
        Fill();
        var comparison = new StoreComparison(_source.Store.Open(), _target.Open(), new SyncOptions(), TimeProvider.System);
        var items = await comparison.ItemsAsync(Token).ToListAsync(Token);
        Assert.Empty(_target.Keys);
        var result = await RunAsync();
        Assert.Equal(result.Copied, items.Count);
        Assert.Equal(result.Copied, comparison.Plan.Copies);
        Assert.Equal(result.CopiedBytes, comparison.Plan.Bytes);
        Assert.Equal(_target.Keys, items.Select(item => item.Key).Order(KeyOrder.Instance));
    }

    [Fact]
    public async Task Quay_is_copied_with_its_files_compared_by_content()
    {
        var content = new byte[] { 1, 2, 3 };
        var blob = QuayLayout.Instance.BlobKey(Digest.OfSha256(content));
        _source.Store.Put(blob, content);
        _source.Store.Put("logarchive/2024", [1]);
        _source.Store.Put("uploads/5d3c", [2]);
        _source.Store.Put("userfiles/", []);
        _source.Store.Put("torrents/5d3c", [3, 4]);
        _target.Put("logarchive/2024", [9]);
        var result = await new SyncPass(_source.Store.Open(LayoutKind.Quay), _target.Open(LayoutKind.Quay), new SyncOptions(), TimeProvider.System).RunAsync(Token);
        Assert.Equal(SyncStatus.Completed, result.Status);
        Assert.Equal(["logarchive/2024", blob], _target.Keys);
        Assert.Equal([new SkippedEntries(EntryKind.Upload, 1, 1), new SkippedEntries(EntryKind.Unknown, 2, 2)], result.Skipped.OrderBy(skipped => skipped.Kind));
        Assert.Equal([1], _target.Get("logarchive/2024"));
    }

    private Digest Fill()
    {
        var first = _source.Image("team/app", "v1", "base", "app one");
        var second = _source.Image("team/app", "v2", "base", "app two");
        _source.Index("team/app", "all", first, second);
        _source.Image("team/app/nested", "v1", "base", "nested");
        _source.Image("other", null, "base", "untagged");
        _source.Image("0team", "v1", new string('x', 200_000));
        return second;
    }

    private Task<SyncResult> RunAsync(SyncOptions? options = null) =>
        new SyncPass(_source.Store.Open(), _target.Open(), options ?? new SyncOptions(), TimeProvider.System).RunAsync(Token);
}
