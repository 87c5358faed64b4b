using RegistryMigration.Engine.Layouts;
using RegistryMigration.Engine.Tests.Support;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Audit;

/// <summary>A target beside the source it was copied from: what broke where.</summary>
public sealed class OriginTests : AuditTestBase
{
    private static readonly DateTimeOffset Pushed = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Copied = Pushed.AddDays(1);
    private static readonly DateTimeOffset Later = Pushed.AddDays(2);
    private readonly TestRegistry _source;

    // The base class's store is the target.
    public OriginTests()
    {
        _source = new TestRegistry(new MemoryStore { Name = "source" });
        foreach (var key in Store.Keys)
        {
            _source.Store.Put(key, Store.Get(key)!, Pushed);
            Store.Put(key, Store.Get(key)!, Copied);
        }
    }

    private string LayerLink => DistributionLayout.LayerLinkKey(Repository, Layer);

    private string Revision => DistributionLayout.RevisionLinkKey(Repository, Manifest);

    private Task<AuditResult> CompareAsync(bool deep = false) => AuditAsync(new AuditOptions { Deep = deep }, _source.Store.Open());

    [Fact]
    public async Task A_complete_copy_is_clean() => AssertDefects(await CompareAsync(deep: true));

    [Theory]
    [InlineData("at source", DefectOrigin.BrokenAtSource)]
    [InlineData("by copy", DefectOrigin.BrokenByCopy)]
    [InlineData("deleted since", DefectOrigin.Drift)]
    [InlineData("repaired since", DefectOrigin.Drift)]
    public async Task A_missing_blob(string story, DefectOrigin origin)
    {
        Store.Remove(BlobKey(Layer));
        if (story is "at source" or "deleted since")
            _source.Store.Remove(BlobKey(Layer));
        if (story == "deleted since")
        {
            foreach (var key in _source.Store.Keys.Where(key => key.Contains("_manifests", StringComparison.Ordinal)))
                _source.Store.Remove(key);
        }

        if (story == "repaired since")
            _source.Store.Put(BlobKey(Layer), Bytes("layer one"), Later);

        AssertDefects(await CompareAsync(), Defect(DefectKind.MissingBlob, BlobKey(Layer), Layer, Repository, origin: origin));
    }

    [Theory]
    [InlineData(true, DefectOrigin.BrokenAtSource)]
    [InlineData(false, DefectOrigin.BrokenByCopy)]
    public async Task A_blob_that_no_pass_copies_since_its_source_is_broken(bool deep, DefectOrigin origin)
    {
        Store.Remove(BlobKey(Layer));
        _source.Store.Put(BlobKey(Layer), Bytes("LAYER ONE"), Pushed);
        AssertDefects(await CompareAsync(deep), Defect(DefectKind.MissingBlob, BlobKey(Layer), Layer, Repository, origin: origin));
    }

    [Theory]
    [InlineData("LAYER ONE", DefectOrigin.BrokenAtSource)]
    [InlineData("Layer One", DefectOrigin.BrokenAtSource)]
    [InlineData("layer one", DefectOrigin.BrokenByCopy)]
    [InlineData(null, DefectOrigin.Drift)]
    public async Task Wrong_bytes(string? atSource, DefectOrigin origin)
    {
        Store.Put(BlobKey(Layer), Bytes("LAYER ONE"), Copied);
        if (atSource is null)
            _source.Store.Remove(BlobKey(Layer));
        else
            _source.Store.Put(BlobKey(Layer), Bytes(atSource), Pushed);

        AssertDefects(await CompareAsync(deep: true), Defect(DefectKind.WrongDigest, BlobKey(Layer), Layer, origin: origin));
    }

    [Theory]
    [InlineData("short", DefectOrigin.BrokenAtSource)]
    [InlineData("layer one", DefectOrigin.BrokenByCopy)]
    public async Task A_wrong_size(string atSource, DefectOrigin origin)
    {
        Store.Put(BlobKey(Layer), Bytes("short"), Copied);
        _source.Store.Put(BlobKey(Layer), Bytes(atSource), Pushed);

        AssertDefects(await CompareAsync(), Defect(DefectKind.WrongSize, BlobKey(Layer), Layer, Repository, origin: origin));
    }

    [Theory]
    [InlineData(true, DefectOrigin.BrokenAtSource)]
    [InlineData(false, DefectOrigin.BrokenByCopy)]
    public async Task A_missing_layer_link(bool atSource, DefectOrigin origin)
    {
        Store.Remove(LayerLink);
        if (atSource)
            _source.Store.Remove(LayerLink);

        AssertDefects(await CompareAsync(), Defect(DefectKind.MissingLayerLink, LayerLink, Layer, Repository, origin: origin));
    }

    [Theory]
    [InlineData("rubbish", DefectKind.BrokenLink, "rubbish", DefectOrigin.BrokenAtSource)]
    [InlineData("rubbish", DefectKind.BrokenLink, null, DefectOrigin.BrokenByCopy)]
    [InlineData("sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", DefectKind.ForeignLink, "rubbish", DefectOrigin.BrokenByCopy)]
    [InlineData("sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", DefectKind.ForeignLink, "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", DefectOrigin.BrokenAtSource)]
    public async Task A_link_that_lies(string content, DefectKind kind, string? atSource, DefectOrigin origin)
    {
        Store.Put(LayerLink, Bytes(content), Copied);
        if (atSource is not null)
            _source.Store.Put(LayerLink, Bytes(atSource), Pushed);

        AssertDefects(await CompareAsync(), Defect(kind, LayerLink, Layer, Repository, origin: origin));
    }

    [Theory]
    [InlineData(true, DefectOrigin.BrokenAtSource)]
    [InlineData(false, DefectOrigin.BrokenByCopy)]
    public async Task A_sparse_index_is_the_copys_doing_only_if_the_source_is_complete(bool atSource, DefectOrigin origin)
    {
        var absent = _source.Image(Repository, null, "for arm64");
        var index = _source.Index(Repository, null, absent);
        var link = DistributionLayout.RevisionLinkKey(Repository, absent);
        Store.Put(BlobKey(index), _source.Store.Get(BlobKey(index))!, Copied);
        Registry.Link(DistributionLayout.RevisionLinkKey(Repository, index), index, Copied);
        if (atSource)
            _source.Store.Remove(link);

        AssertDefects(await CompareAsync(), Defect(DefectKind.MissingManifest, link, absent, Repository, origin: origin));
    }

    [Theory]
    [InlineData("at source", DefectOrigin.BrokenAtSource)]
    [InlineData("by copy", DefectOrigin.BrokenByCopy)]
    [InlineData("moved since", DefectOrigin.Drift)]
    public async Task A_tag_at_a_missing_manifest(string story, DefectOrigin origin)
    {
        Store.Remove(Revision);
        if (story != "by copy")
            _source.Store.Remove(Revision);
        var extra = Array.Empty<StoreDefect>();
        if (story == "moved since")
        {
            // An image that both have, so that only the tag has changed.
            var other = Registry.Image(Repository, null, "layer three");
            Assert.Equal(other, _source.Image(Repository, null, "layer three"));
            Touch(Store, Copied);
            _source.Tag(Repository, "v1", other, Later);
            extra = [Defect(DefectKind.StaleTag, Current("v1"), Manifest, Repository, "v1", DefectOrigin.Drift)];
        }

        AssertDefects(await CompareAsync(), [Defect(DefectKind.MissingManifest, Revision, Manifest, Repository, "v1", origin), .. extra]);
    }

    [Theory]
    [InlineData("at source", DefectOrigin.BrokenAtSource)]
    [InlineData("by copy", DefectOrigin.BrokenByCopy)]
    [InlineData("deleted since", DefectOrigin.Drift)]
    public async Task A_tag_without_current_link(string story, DefectOrigin origin)
    {
        Store.Remove(Current("v1"));
        if (story != "by copy")
            _source.Store.Remove(Current("v1"));
        if (story == "deleted since")
            _source.Store.Remove(DistributionLayout.TagIndexLinkKey(Repository, "v1", Manifest));

        AssertDefects(await CompareAsync(), Defect(DefectKind.MissingTagTarget, Current("v1"), null, Repository, "v1", origin));
    }

    [Theory]
    [InlineData(1, DefectOrigin.Drift)]
    [InlineData(-2, DefectOrigin.BrokenByCopy)]
    public async Task A_tag_that_points_elsewhere(int daysAfterCopy, DefectOrigin origin)
    {
        var other = Registry.Image(Repository, null, "layer three");
        _source.Image(Repository, null, "layer three");
        Touch(Store, Copied);
        _source.Tag(Repository, "v1", other, Copied.AddDays(daysAfterCopy));

        AssertDefects(await CompareAsync(), Defect(DefectKind.StaleTag, Current("v1"), Manifest, Repository, "v1", origin));
    }

    [Theory]
    [InlineData(Repository, 1, DefectOrigin.Drift)]
    [InlineData(Repository, -2, DefectOrigin.BrokenByCopy)]
    [InlineData("a/new/one", 1, DefectOrigin.Drift)]
    [InlineData("team/app/nested", -2, DefectOrigin.BrokenByCopy)]
    public async Task An_image_that_only_the_source_has(string repository, int daysAfterCopy, DefectOrigin origin)
    {
        _source.Store.WrittenAt = Copied.AddDays(daysAfterCopy);
        var image = _source.Image(repository, "new", "layer new");

        AssertDefects(
            await CompareAsync(),
            Defect(DefectKind.MissingManifest, DistributionLayout.RevisionLinkKey(repository, image), image, repository, origin: origin),
            Defect(DefectKind.MissingTagTarget, DistributionLayout.TagCurrentLinkKey(repository, "new"), null, repository, "new", origin));
    }

    [Fact]
    public async Task A_manifest_whose_blob_the_source_has_lost_could_not_be_copied()
    {
        var image = _source.Image(Repository, null, "layer new");
        _source.Store.Remove(BlobKey(image));

        AssertDefects(await CompareAsync(), Defect(DefectKind.MissingManifest, DistributionLayout.RevisionLinkKey(Repository, image), image, Repository, origin: DefectOrigin.BrokenAtSource));
    }

    [Fact]
    public async Task A_manifest_that_is_none_is_none_at_the_source_too()
    {
        var bad = Registry.Manifest(Repository, null, "no JSON");
        _source.Manifest(Repository, null, "no JSON");

        AssertDefects(await CompareAsync(), Defect(DefectKind.BrokenManifest, BlobKey(bad), bad, Repository, origin: DefectOrigin.BrokenAtSource));
    }

    [Theory]
    [InlineData(true, DefectOrigin.BrokenAtSource)]
    [InlineData(false, DefectOrigin.BrokenByCopy)]
    public async Task A_large_object_without_segments(bool atSource, DefectOrigin origin)
    {
        Store.Put(BlobKey(Layer), [], Copied);
        if (atSource)
            _source.Store.Put(BlobKey(Layer), [], Pushed);
        var listed = new ListedStore(Store) { Large = { BlobKey(Layer) } };

        AssertDefects(await AuditAsync(listed.Open(), null, _source.Store.Open()), Defect(DefectKind.EmptyLargeObject, BlobKey(Layer), Layer, origin: origin));
    }

    [Fact]
    public async Task What_only_the_target_has_is_no_defect()
    {
        Registry.Image("only/here", "v1", "layer one");

        AssertDefects(await CompareAsync());
    }

    [Fact]
    public async Task Layouts_can_not_be_mixed()
    {
        var failure = await Assert.ThrowsAsync<StoreException>(() => AuditAsync(null, new MemoryStore().Open(LayoutKind.Quay)));
        Assert.Contains("layout", failure.Message, StringComparison.Ordinal);
    }

    private static void Touch(MemoryStore store, DateTimeOffset written)
    {
        foreach (var key in store.Keys)
            store.Put(key, store.Get(key)!, written);
    }
}
