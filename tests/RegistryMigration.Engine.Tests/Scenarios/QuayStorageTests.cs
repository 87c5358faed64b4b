using System.Net;
using Amazon.S3;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Engine.Sync;
using RegistryMigration.Engine.Tests.Lab;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Scenarios;

/// <summary>Quay's objects between real servers; what is where is asked of the servers, past the product.</summary>
public sealed class QuayStorageTests(LabFixture lab)
{
    private const string Root = "datastorage/registry/";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(QuayStorage.Ceph, QuayStorage.CephSecond)]
    [InlineData(QuayStorage.Ceph, QuayStorage.SwiftS3)]
    [InlineData(QuayStorage.SwiftS3, QuayStorage.CephSecond)]
    [InlineData(QuayStorage.Ceph, QuayStorage.Swift)]
    [InlineData(QuayStorage.Swift, QuayStorage.CephSecond)]
    [InlineData(QuayStorage.Directory, QuayStorage.Ceph)]
    [InlineData(QuayStorage.CephSecond, QuayStorage.Directory)]
    public async Task Everything_that_is_to_be_copied_is_there_and_comes_back(QuayStorage from, QuayStorage to)
    {
        await using var source = await QuayPlace.CreateAsync(lab, from);
        await using var target = await QuayPlace.CreateAsync(lab, to);
        var tree = new QuayTree(seed: 1, large: true);
        await tree.FillAsync(source, Root);
        // Of a directory the storage_path is the directory; a container takes it over from the source.
        var place = target.Define(root: to == QuayStorage.Directory ? Root : null, layout: LayoutKind.Quay);

        var first = await SyncAsync(source.Define(), place);
        Assert.True(first is { Status: SyncStatus.CompletedWithDefects, Failed: 0 } && first.Copied == tree.Content.Count, first.ToJson());
        Assert.Equal(tree.Broken.Keys, first.Defects.Select(defect => defect.Key).Order(StringComparer.Ordinal));
        Assert.All(first.Defects, defect => Assert.Equal(DefectOrigin.BrokenAtSource, defect.Origin));
        Assert.Equal((2, 530), CountOf(first, EntryKind.Upload));
        // A blob's segments lie beside it only where Quay wrote them: below its storage_path.
        var unknown = from == QuayStorage.Directory ? 4L : 4L + QuayTree.Folders.Length;
        Assert.Equal((unknown, from == QuayStorage.Swift), (CountOf(first, EntryKind.Unknown).Count, CountOf(first, EntryKind.Segment).Count > 0));
        await tree.AssertIsAllInAsync(target, Root);

        var second = await SyncAsync(source.Define(), place);
        Assert.True(second is { Status: SyncStatus.CompletedWithDefects, Copied: 0 } && second.Unchanged == tree.Content.Count, second.ToJson());

        foreach (var key in new[] { "_verify", "logarchive/2024-01.json.gz", "logarchive/2024-large.json.gz" })
            await source.PutAsync(Root + key, tree.Change(key));
        var third = await SyncAsync(source.Define(), place);
        Assert.True(third is { Copied: 3, Overwritten: 3, Failed: 0 }, third.ToJson());
        await tree.AssertIsAllInAsync(target, Root);

        await using var back = await QuayPlace.CreateAsync(lab, from);
        var returned = await SyncAsync(place, back.Define(root: Root));
        Assert.True(returned is { Status: SyncStatus.Completed, Defects.Count: 0 } && returned.Copied == tree.Content.Count, returned.ToJson());
        await tree.AssertIsAllInAsync(back, Root);
    }

    [Fact]
    public async Task Two_accounts_that_may_not_read_each_other_are_no_obstacle()
    {
        await using var source = (QuayBucket)await QuayPlace.CreateAsync(lab, QuayStorage.Ceph);
        await using var target = (QuayBucket)await QuayPlace.CreateAsync(lab, QuayStorage.CephSecond);
        var tree = new QuayTree(seed: 2);
        await tree.FillAsync(source, Root);
        await RefusesAsync(source, target);
        var result = await SyncAsync(source.Define(), target.Define());
        Assert.Equal((tree.Content.Count, 0), (result.Copied, result.ServerSideCopied));
        await tree.AssertIsAllInAsync(target, Root);
        await RefusesAsync(target, source);

        static async Task RefusesAsync(QuayBucket bucket, QuayBucket stranger)
        {
            var refused = await Assert.ThrowsAsync<AmazonS3Exception>(() => stranger.Client.GetObjectAsync(bucket.Name, Root + "_verify", Token));
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        }
    }

    // Root null: found at the source; at an empty target what follows from it.
    [Theory]
    [InlineData("", null, "", "", null, "")]
    [InlineData("", "/", "", "", "/", "")]
    [InlineData("", "/datastorage/registry", Root, "", null, Root)]
    [InlineData("", null, Root, "some/prefix", null, "some/prefix/")]
    [InlineData("some/prefix", null, "some/prefix/" + Root, "", null, Root)]
    [InlineData("some/prefix", "quay", "some/prefix/quay/", "", "/else/where", "else/where/")]
    public async Task Keys_follow_the_storage_path(string sourcePrefix, string? sourceRoot, string sourceKeys, string targetPrefix, string? targetRoot, string targetKeys)
    {
        await using var source = await QuayPlace.CreateAsync(lab, QuayStorage.Ceph);
        await using var target = await QuayPlace.CreateAsync(lab, QuayStorage.CephSecond);
        var tree = new QuayTree(seed: 3);
        await tree.FillAsync(source, sourceKeys);
        var from = source.Define(sourcePrefix, sourceRoot);
        var to = target.Define(targetPrefix, targetRoot);
        var first = await SyncAsync(from, to);
        Assert.True(first.Failed == 0 && first.Copied == tree.Content.Count, first.ToJson());
        Assert.Equal(2, CountOf(first, EntryKind.Upload).Count);
        await tree.AssertIsAllInAsync(target, targetKeys);
        // Found again where it was put.
        Assert.Equal(0, (await SyncAsync(from, to)).Copied);
        await tree.AssertIsAllInAsync(target, targetKeys);
    }

    [Fact]
    public async Task A_plan_tells_what_the_pass_will_do()
    {
        await using var source = await QuayPlace.CreateAsync(lab, QuayStorage.Ceph);
        await using var target = await QuayPlace.CreateAsync(lab, QuayStorage.CephSecond);
        var tree = new QuayTree(seed: 4);
        await tree.FillAsync(source, Root);
        await using var from = await StoreFactory.OpenAsync(source.Define(), new StoreContext(), null, Token);
        await using var to = await StoreFactory.OpenAsync(target.Define(), new StoreContext(), from, Token);
        var comparison = new StoreComparison(from, to, new SyncOptions(), TimeProvider.System);
        var keys = new List<string>();
        await foreach (var item in comparison.ItemsAsync(Token))
            keys.Add(item.Key);
        Assert.Equal(tree.Content.Keys.Concat(tree.Broken.Keys).Order(StringComparer.Ordinal), keys.Order(StringComparer.Ordinal));
        var result = await new SyncPass(from, to, new SyncOptions(), TimeProvider.System).RunAsync(Token);
        Assert.Equal(result.Skipped.OrderBy(skipped => skipped.Kind), comparison.Plan.Skipped.OrderBy(skipped => skipped.Kind));
    }

    internal static async Task<SyncResult> SyncAsync(RegistryStore source, RegistryStore target, Func<OpenStore, OpenStore>? wrap = null)
    {
        await using var from = await StoreFactory.OpenAsync(source, new StoreContext(), null, Token);
        await using var to = await StoreFactory.OpenAsync(target, new StoreContext(), from, Token);
        return await new SyncPass(wrap?.Invoke(from) ?? from, to, new SyncOptions(), TimeProvider.System).RunAsync(Token);
    }

    private static (long Count, long Bytes) CountOf(SyncResult result, EntryKind kind) =>
        result.Skipped.Where(skipped => skipped.Kind == kind).Select(skipped => (skipped.Count, skipped.Bytes)).SingleOrDefault();
}
