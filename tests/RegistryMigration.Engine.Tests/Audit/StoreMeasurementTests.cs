using RegistryMigration.Engine.Audit;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Engine.Tests.Support;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Audit;

public sealed class StoreMeasurementTests : AuditTestBase
{
    private static Task<StoreMeasure> MeasureAsync(OpenStore store) => new StoreMeasurement(store, TimeProvider.System).RunAsync(Token);

    [Fact]
    public async Task Everything_is_counted_by_kind()
    {
        Store.Put($"repositories/{Repository}/_uploads/1/data", Bytes("12345"));
        Store.Put($"repositories/{Repository}/_manifests/odd", Bytes("1"));
        Store.Put("blobs/sha256/zz/odd", Bytes("12"));
        Store.Put("blobs/md5/odd", Bytes("123"));
        Store.Put("lost+found/odd", Bytes("1234"));

        var measure = await MeasureAsync(Store.Open());

        Assert.Equal(Store.Keys.Count, measure.Entries);
        Assert.Equal(Store.Keys.Sum(key => (long)Store.Get(key)!.Length), measure.Bytes);
        Assert.Equal(
            [(EntryKind.Blob, 4), (EntryKind.LayerLink, 3), (EntryKind.RevisionLink, 1), (EntryKind.TagIndexLink, 1), (EntryKind.TagCurrentLink, 1), (EntryKind.Upload, 1), (EntryKind.Unknown, 4)],
            measure.Kinds.Select(kind => (kind.Kind, (int)kind.Count)));
        Assert.Equal((5, 10), (measure.Kinds[^2].Bytes, measure.Kinds[^1].Bytes));
        Assert.Equal(10, measure.SyncEntries);
        Assert.Equal(measure.Kinds[0].Bytes, measure.SyncBytes);
    }

    [Fact]
    public async Task Repositories_count_what_they_share_each_for_itself()
    {
        var single = await MeasureAsync(Store.Open());
        Registry.Image("other", "v1", "layer one", "layer two");
        Registry.Tag("other", "v2", Manifest);

        var measure = await MeasureAsync(Store.Open());

        Assert.Equal(1.0, single.DedupeRatio);
        Assert.Equal(2.0, measure.DedupeRatio);
        Assert.Equal(single.SyncBytes, measure.SyncBytes);
        Assert.Equal([new RepositoryMeasure("other", 2, 1, 3, single.SyncBytes), new RepositoryMeasure(Repository, 1, 1, 3, single.SyncBytes)], measure.Repositories);
    }

    [Fact]
    public async Task Large_objects_count_with_their_true_size()
    {
        var listed = new ListedStore(Store) { Large = { BlobKey(Layer), BlobKey(Manifest) } };

        Assert.Equal((await MeasureAsync(Store.Open())).SyncBytes, (await MeasureAsync(listed.Open())).SyncBytes);
    }

    [Fact]
    public async Task Quay_and_empty_stores_have_no_repositories()
    {
        var store = new MemoryStore();
        Assert.Equal((0, 0, 1.0), await TotalsAsync());
        var digest = Digest.OfSha256("a blob"u8);
        store.Put($"sha256/{digest.Shard}/{digest.Hex}", Bytes("a blob"));
        store.Put("_verify", Bytes("1"));
        store.Put("uploads/1", Bytes("12"));

        Assert.Equal((3, 9, 1.0), await TotalsAsync());

        async Task<(long, long, double)> TotalsAsync()
        {
            var measure = await MeasureAsync(store.Open(LayoutKind.Quay));
            Assert.Empty(measure.Repositories);
            return (measure.Entries, measure.Bytes, measure.DedupeRatio);
        }
    }
}
