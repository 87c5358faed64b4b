using RegistryMigration.Engine.Layouts;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Engine.Tests.Lab;
using RegistryMigration.Engine.Tests.Support;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Faults;

/// <summary>A source that somebody changes while it is copied.</summary>
public sealed class SourceChangeTests(LabFixture lab)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(StoreKind.S3)]
    [InlineData(StoreKind.Swift)]
    [InlineData(StoreKind.FileSystem)]
    public async Task An_image_deleted_while_it_is_copied_is_counted_and_stops_nothing(StoreKind kind)
    {
        await using var space = await FaultSpace.CreateAsync(lab, kind);
        await space.FillAsync(new FaultSample());
        await using var source = await space.OpenDirectAsync();
        await using var target = new MemoryStore { Name = "target" };
        var hooked = source with { Store = new HookedStore(source.Store) { OnRead = (key, _) => key == FaultSample.LargeKey ? DeleteImageAsync(source.Store) : Task.CompletedTask } };
        var result = await Passes.RunAsync(hooked, target.Open());
        result.AssertCompleted();
        Assert.Equal(1, result.Vanished);
        await Passes.AssertHarmlessAsync(target.Open());
        Assert.DoesNotContain(target.Keys, key => key.Contains(FaultSample.LargeRepository, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(StoreKind.S3)]
    [InlineData(StoreKind.Swift)]
    public async Task An_object_deleted_before_its_server_copies_it_is_counted_and_stops_nothing(StoreKind kind)
    {
        await using var space = await FaultSpace.CreateAsync(lab, kind);
        await using var sibling = await space.CreateSiblingAsync();
        await space.FillAsync(new FaultSample());
        await using var source = await space.OpenAsync();
        await using var target = await sibling.OpenAsync(stall: TimeSpan.FromSeconds(30));
        space.Inject(Fault.Delay(TimeSpan.FromSeconds(2)), "PUT", request => request.Contains(sibling.Address.Container, StringComparison.Ordinal) && space.IsLarge(request), times: 1);
        var running = Passes.RunAsync(source, target);
        while (!space.Proxy.Requests.Any(request => request.Fault is not null))
            await Task.Delay(10, Token);
        await using (var direct = await space.OpenDirectAsync())
            await DeleteImageAsync(direct.Store);
        var result = await running;
        result.AssertCompleted();
        Assert.Equal((1L, result.Copied > 0), (result.Vanished, result.ServerSideCopied > 0));
        await Passes.AssertHarmlessAsync(target);
    }

    [Theory]
    [InlineData(StoreKind.S3)]
    [InlineData(StoreKind.Swift)]
    public async Task An_object_that_becomes_another_one_between_two_reads_is_never_mixed(StoreKind kind)
    {
        await using var space = await FaultSpace.CreateAsync(lab, kind);
        await space.FillAsync(new FaultSample());
        await using var direct = await space.OpenDirectAsync();
        await using var source = await space.OpenAsync();
        await using var target = new MemoryStore { Name = "target" };
        var other = new byte[11 << 20];
        var changed = 0;
        var hooked = source with
        {
            Store = new HookedStore(source.Store)
            {
                OnRead = async (key, offset) =>
                {
                    if (key == FaultSample.LargeKey && offset > 0 && Interlocked.Exchange(ref changed, 1) == 0)
                        await direct.Store.WriteAsync(key, new StoreContent(other), Token);
                },
            },
        };
        space.Inject(Fault.CutResponse(2_000_000), "GET", space.IsLarge, times: 1);
        var result = await Passes.RunAsync(hooked, target.Open());
        Assert.Equal(1, changed);
        Assert.True(result.Status == SyncStatus.CompletedWithDefects, result.ToJson());
        var defect = Assert.Single(result.Defects);
        Assert.Equal((DefectKind.WrongDigest, DefectOrigin.BrokenAtSource, FaultSample.LargeKey), (defect.Kind, defect.Origin, defect.Key));
        Assert.Null(target.Get(FaultSample.LargeKey));
    }

    [Fact]
    public async Task An_image_whose_layer_came_after_its_listing_gets_its_tag_with_the_next_pass()
    {
        var sample = new FaultSample();
        var now = TimeProvider.System.GetUtcNow();
        // Parallel listings see a push in part: the manifest and its config were there in time, the layer and all links were not.
        var pushed = new TestRegistry(new MemoryStore { WrittenAt = now });
        var manifest = pushed.Image("team/app", "late", "late layer");
        var layer = DistributionLayout.Instance.BlobKey(Digest.OfSha256("late layer"u8));
        foreach (var key in pushed.Store.Keys.Where(key => key.StartsWith("blobs/", StringComparison.Ordinal) && key != layer))
            sample.Store.Put(key, pushed.Store.Get(key)!, now);
        sample.Store.OnList = (prefix, _) =>
        {
            foreach (var key in prefix == "blobs/sha512/" ? pushed.Store.Keys : [])
                sample.Store.Put(key, pushed.Store.Get(key)!, now);
            return Task.CompletedTask;
        };
        await using var target = new MemoryStore { Name = "target" };
        var first = await Passes.RunAsync(sample.Open(), target.Open());
        first.AssertCompleted();
        Assert.Null(target.Get(DistributionLayout.TagCurrentLinkKey("team/app", "late")));
        Assert.NotNull(target.Get(DistributionLayout.TagCurrentLinkKey("team/app", "v1")));
        Assert.NotNull(target.Get(DistributionLayout.Instance.BlobKey(manifest)));
        await Passes.AssertHarmlessAsync(target.Open());
        await Passes.AssertResumesAsync(sample.Open(), target.Open());
    }

    [Fact]
    public async Task Pruning_leaves_what_was_pushed_again_since_it_was_listed()
    {
        var sample = new FaultSample();
        await using var target = new MemoryStore { Name = "target" };
        var again = new TestRegistry(target);
        again.Image("team/app", "again", "again");
        var pushed = target.Keys;
        sample.Store.OnList = (prefix, _) =>
        {
            foreach (var key in prefix == "blobs/sha512/" ? pushed : [])
                sample.Store.Put(key, target.Get(key)!, TimeProvider.System.GetUtcNow());
            return Task.CompletedTask;
        };
        var result = await Passes.RunAsync(sample.Open(), target.Open(), Passes.Options() with { Prune = true });
        result.AssertCompleted();
        Assert.Empty(target.Deleted);
        await Passes.AssertSameAsync(sample.Open(), target.Open());
    }

    [Theory]
    [InlineData("unmounted", "lists blobs and no repository")]
    [InlineData("vanished", "were gone")]
    public async Task Pruning_needs_a_source_that_stands_still(string how, string message)
    {
        var sample = new FaultSample();
        await using var target = new MemoryStore { Name = "target" };
        new TestRegistry(target).Image("only/here", "v1", "surplus");
        if (how == "unmounted")
        {
            foreach (var key in sample.Store.Keys.Where(key => key.StartsWith("repositories/", StringComparison.Ordinal)))
                sample.Store.Remove(key);
        }
        else
        {
            sample.Store.OnRead = (key, _) =>
            {
                if (key == FaultSample.LargeKey)
                    sample.Store.Remove(key);
                return Task.CompletedTask;
            };
        }

        var result = await Passes.RunAsync(sample.Open(), target.Open(), Passes.Options() with { Prune = true });
        result.AssertFailed(Party.Target, StoreErrorKind.Conflict);
        Assert.Contains(message, Assert.Single(result.Failures).Message, StringComparison.Ordinal);
        Assert.Empty(target.Deleted);
    }

    private static async Task DeleteImageAsync(IStore store)
    {
        var keys = new List<string>();
        await foreach (var page in store.ListAsync($"repositories/{FaultSample.LargeRepository}/", rejected: null, Token))
            keys.AddRange(page.ToArray().Select(entry => entry.Key));
        foreach (var key in keys.Append(FaultSample.LargeKey))
            await store.DeleteAsync(key, Token);
    }
}
