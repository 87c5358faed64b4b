using RegistryMigration.Engine.Tests.Faults;
using RegistryMigration.Engine.Tests.Lab;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Scenarios;

/// <summary>A Quay that is in use while its objects are copied: pushes come, garbage collection deletes.</summary>
public sealed class QuayLiveTests(LabFixture lab)
{
    private const string Root = "datastorage/registry/";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(QuayStorage.Ceph)]
    [InlineData(QuayStorage.Swift)]
    [InlineData(QuayStorage.Directory)]
    public async Task What_goes_after_its_listing_has_vanished_and_what_comes_is_for_the_next_pass(QuayStorage from)
    {
        await using var source = await QuayPlace.CreateAsync(lab, from);
        await using var target = await QuayPlace.CreateAsync(lab, QuayStorage.CephSecond);
        var tree = new QuayTree(seed: 5);
        string[] doomed = [.. Enumerable.Range(0, 10).Select(_ => tree.AddBlob(2000)), tree.AddBlob(400_000), "logarchive/2024-01.json.gz"];
        await tree.FillAsync(source, Root);
        var known = tree.Content.Keys.ToHashSet(StringComparer.Ordinal);
        var born = Enumerable.Range(0, 5).Select(i => tree.AddBlob(1000 + i)).ToArray();
        using var gate = new SemaphoreSlim(1);
        var pushed = false;
        // After the listing of the blobs, since nothing is read before.
        async Task LiveAsync(string key)
        {
            await gate.WaitAsync(Token);
            try
            {
                foreach (var blob in pushed ? [] : born)
                    await source.PutAsync(Root + blob, tree.Content[blob]);
                pushed = true;
            }
            finally
            {
                gate.Release();
            }

            if (doomed.Contains(key))
                await source.DeleteAsync(Root + key);
        }

        var first = await QuayStorageTests.SyncAsync(source.Define(), target.Define(), open => open with { Store = new HookedStore(open.Store) { OnRead = (key, _) => LiveAsync(key) } });
        foreach (var key in doomed)
            tree.Content.Remove(key);
        Assert.True(first is { Status: SyncStatus.CompletedWithDefects, Failed: 0 } && first.Vanished == doomed.Length && first.Copied == known.Count - doomed.Length, first.ToJson());
        Assert.Equal(tree.Broken.Keys, first.Defects.Select(defect => defect.Key).Order(StringComparer.Ordinal));
        // Collected after it was copied: stays at the target, nothing is deleted there.
        await source.DeleteAsync(Root + tree.Content.Keys.First(key => key.StartsWith("sha256/", StringComparison.Ordinal) && !born.Contains(key)));

        var second = await QuayStorageTests.SyncAsync(source.Define(), target.Define());
        Assert.True(second is { Status: SyncStatus.CompletedWithDefects, Failed: 0, Vanished: 0 } && second.Copied == born.Length, second.ToJson());
        await tree.AssertIsAllInAsync(target, Root);
        Assert.Equal(0, (await QuayStorageTests.SyncAsync(source.Define(), target.Define())).Copied);
    }

    [Fact]
    public async Task Pushes_and_garbage_collection_all_along_leave_nothing_wrong_at_any_time()
    {
        await using var source = await QuayPlace.CreateAsync(lab, QuayStorage.Ceph);
        await using var target = await QuayPlace.CreateAsync(lab, QuayStorage.CephSecond);
        var tree = new QuayTree(seed: 6);
        var dying = Enumerable.Range(0, 300).Select(i => tree.AddBlob(100 + i)).ToArray();
        tree.Broken.Clear();
        await tree.FillAsync(source, Root);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var life = LiveAsync(stop.Token);
        for (var pass = 0; pass < 4; pass++)
        {
            var result = await QuayStorageTests.SyncAsync(source.Define(), target.Define());
            Assert.True(result is { Status: SyncStatus.Completed, Failed: 0 }, result.ToJson());
        }

        await stop.CancelAsync();
        await life;
        var last = await QuayStorageTests.SyncAsync(source.Define(), target.Define());
        Assert.True(last is { Status: SyncStatus.Completed, Failed: 0, Vanished: 0 }, last.ToJson());
        Assert.Equal(0, (await QuayStorageTests.SyncAsync(source.Define(), target.Define())).Copied);
        var there = (await target.KeysAsync()).ToHashSet(StringComparer.Ordinal);
        foreach (var key in (await source.KeysAsync()).Where(key => tree.Content.ContainsKey(key[Root.Length..])))
            Assert.True(there.Contains(key), key);
        // Also what has gone at the source is sound at the target.
        foreach (var key in there)
            Assert.Equal(tree.Content[key[Root.Length..]], await target.GetAsync(key));

        async Task LiveAsync(CancellationToken cancellationToken)
        {
            for (var i = 0; i < dying.Length && !cancellationToken.IsCancellationRequested; i++)
            {
                await source.DeleteAsync(Root + dying[i]);
                var born = tree.AddBlob(500 + i);
                await source.PutAsync(Root + born, tree.Content[born]);
                await source.PutAsync(Root + "uploads/live", tree.Content[born]);
                await source.PutAsync(Root + "_verify", tree.Content["_verify"]);
            }
        }
    }
}
