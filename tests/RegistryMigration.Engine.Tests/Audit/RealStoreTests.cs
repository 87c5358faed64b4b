using RegistryMigration.Engine.Audit;
using RegistryMigration.Engine.Layouts;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Engine.Sync;
using RegistryMigration.Engine.Tests.Lab;
using RegistryMigration.Engine.Tests.Registries.Images;
using RegistryMigration.Engine.Tests.Scenarios;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Audit;

/// <summary>What a real registry writes, in each kind of store: sound, until something is taken away.</summary>
public sealed class RealStoreTests(LabFixture lab)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(StorageDriver.Directory, StorageDriver.Ceph)]
    [InlineData(StorageDriver.Swift, StorageDriver.Directory)]
    [InlineData(StorageDriver.Ceph, StorageDriver.Swift)]
    public async Task Images_of_a_real_registry_are_sound_before_and_after_a_copy(StorageDriver from, StorageDriver to)
    {
        await using var source = await Backend.CreateAsync(lab, from);
        await using var target = await Backend.CreateAsync(lab, to);
        // Above the segment size of the Swift driver, so that there is a large object whose listed size is zero.
        using (var registry = await source.ServeAsync())
            await SampleImages.PushAllAsync(registry, new SampleOptions { Seed = 7, LargeBlobBytes = 21 << 20, EmptyLayer = from == StorageDriver.Directory, ForeignLayer = true }, Token);
        await using var left = await source.OpenAsync();

        var before = await AuditAsync(left, null);
        Assert.True(before.IsClean, before.ToJson());
        Assert.Equal(before.BlobBytes, before.HashedBytes);
        Assert.InRange(before.Manifests, 5, 1000);
        Assert.Equal(0, before.OrphanBlobs);

        await using var empty = await target.OpenAsync();
        var pass = await new SyncPass(left, empty, new SyncOptions(), TimeProvider.System).RunAsync(Token);
        Assert.Equal(SyncStatus.Completed, pass.Status);
        await using var right = await target.OpenAsync();
        var after = await AuditAsync(right, left);
        Assert.True(after.IsClean, after.ToJson());
        Assert.Equal(
            (before.Repositories, before.Tags, before.Manifests, before.Links, before.Blobs, before.BlobBytes, before.ForeignLayers),
            (after.Repositories, after.Tags, after.Manifests, after.Links, after.Blobs, after.BlobBytes, after.ForeignLayers));

        var measure = await new StoreMeasurement(left, TimeProvider.System).RunAsync(Token);
        Assert.Equal((before.Blobs, before.BlobBytes, before.Repositories), (measure.Kinds[0].Count, measure.Kinds[0].Bytes, measure.Repositories.Count));
        Assert.Equal(await TagsAsync(left), await TagsAsync(right));
        Assert.Equal(before.Tags, (await TagsAsync(left)).Count);

        await BreakEachAsync(right, left);
    }

    // Takes a manifest and a tag away; each is told, with its origin.
    private static async Task BreakEachAsync(OpenStore store, OpenStore source)
    {
        var keys = new List<(string Key, EntryKind Kind)>();
        await foreach (var page in store.Store.ListAsync("repositories/", null, Token))
            keys.AddRange(page.ToArray().Select(entry => (entry.Key, store.Layout.Classify(entry.Key).Kind)));
        var current = keys.First(key => key.Kind == EntryKind.TagCurrentLink).Key;
        var revision = keys.Last(key => key.Kind == EntryKind.RevisionLink).Key;
        var manifest = store.Layout.BlobKey(store.Layout.Classify(revision).Digest);
        await store.Store.DeleteAsync(current, Token);
        await store.Store.DeleteAsync(manifest, Token);

        var result = await AuditAsync(store, source);

        Assert.Contains(result.Defects, defect => defect.Kind == DefectKind.MissingTagTarget && defect.Key == current && defect.Origin == DefectOrigin.BrokenByCopy);
        Assert.Contains(result.Defects, defect => defect.Kind == DefectKind.MissingBlob && defect.Key == manifest && defect.Origin == DefectOrigin.BrokenByCopy);
    }

    private static Task<AuditResult> AuditAsync(OpenStore store, OpenStore? source) =>
        new StoreAudit(store, source, new AuditOptions { Deep = true }, TimeProvider.System).RunAsync(Token);

    private static async Task<List<string>> TagsAsync(OpenStore store)
    {
        var tags = new List<string>();
        using var catalog = new RegistryCatalog(store);
        await foreach (var repository in catalog.RepositoriesAsync([], Token))
        {
            await foreach (var tag in catalog.TagsAsync(repository.Name, detailed: true, Token))
                tags.Add($"{tag} {tag.Digest} {tag.MediaType} {tag.Size}");
        }

        return tags;
    }
}
