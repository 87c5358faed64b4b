using RegistryMigration.Engine.Layouts;
using RegistryMigration.Engine.Manifests;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Audit;

/// <summary>Each kind of defect alone, with listings that carry MD5.</summary>
public class DefectTests : AuditTestBase
{
    public DefectTests()
    {
    }

    private protected DefectTests(bool listsMd5)
        : base(listsMd5)
    {
    }

    [Fact]
    public async Task Wrong_bytes_are_found_by_hashing_only()
    {
        Store.Put(BlobKey(Layer), Bytes("LAYER ONE"));

        AssertDefects(await AuditAsync());
        AssertDefects(await AuditAsync(new AuditOptions { Deep = true }), Defect(DefectKind.WrongDigest, BlobKey(Layer), Layer));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_manifest_with_wrong_bytes_is_found_once(bool deep)
    {
        Registry.Layer("second", Layer);
        Registry.Link(DistributionLayout.RevisionLinkKey("second", Manifest), Manifest);
        Store.Put(BlobKey(Manifest), Store.Get(BlobKey(Manifest))!.Append((byte)' ').ToArray());

        AssertDefects(await AuditAsync(new AuditOptions { Deep = deep }), Defect(DefectKind.WrongDigest, BlobKey(Manifest), Manifest));
    }

    [Fact]
    public async Task A_truncated_blob_has_the_wrong_size()
    {
        Store.Put(BlobKey(Layer), Bytes("layer"));

        AssertDefects(await AuditAsync(), Defect(DefectKind.WrongSize, BlobKey(Layer), Layer, Repository));
        AssertDefects(await AuditAsync(new AuditOptions { Deep = true }), Defect(DefectKind.WrongDigest, BlobKey(Layer), Layer));
    }

    [Fact]
    public async Task An_emptied_blob_is_told_without_reading_it()
    {
        Store.Put(BlobKey(Layer), []);

        AssertDefects(await AuditAsync(), Defect(DefectKind.WrongDigest, BlobKey(Layer), Layer));
    }

    [Fact]
    public async Task A_missing_layer_is_told_once_for_each_repository()
    {
        Registry.Image(Repository, "v2", "layer one", "layer three");
        Registry.Image("team/other", "v1", "layer one");
        Store.Remove(BlobKey(Layer));

        var result = await AuditAsync();

        Assert.Equal([Repository, "team/other"], result.Defects.Select(defect => defect.Repository).Order(StringComparer.Ordinal));
        Assert.All(result.Defects, defect => Assert.Equal((DefectKind.MissingBlob, BlobKey(Layer)), (defect.Kind, defect.Key)));
        Assert.Equal((2, 0), (result.DefectCount, result.StaleLinks));
    }

    [Fact]
    public async Task A_missing_manifest_blob()
    {
        Store.Remove(BlobKey(Manifest));

        AssertDefects(await AuditAsync(), Defect(DefectKind.MissingBlob, BlobKey(Manifest), Manifest, Repository));
    }

    [Fact]
    public async Task A_layer_that_the_repository_does_not_link_to()
    {
        var key = DistributionLayout.LayerLinkKey(Repository, Layer);
        Store.Remove(key);

        var result = await AuditAsync();

        AssertDefects(result, Defect(DefectKind.MissingLayerLink, key, Layer, Repository));
        Assert.Equal(0, result.OrphanBlobs);
    }

    [Fact]
    public async Task A_config_that_the_repository_does_not_link_to()
    {
        var config = Digest.OfSha256(Bytes("{\"config\":\"layer one+layer two\"}"));
        var key = DistributionLayout.LayerLinkKey(Repository, config);
        Store.Remove(key);

        AssertDefects(await AuditAsync(), Defect(DefectKind.MissingLayerLink, key, config, Repository));
    }

    [Fact]
    public async Task A_tag_at_a_manifest_that_the_repository_does_not_have()
    {
        var key = DistributionLayout.RevisionLinkKey(Repository, Manifest);
        Store.Remove(key);

        AssertDefects(await AuditAsync(), Defect(DefectKind.MissingManifest, key, Manifest, Repository, "v1"));
    }

    [Fact]
    public async Task An_index_over_a_manifest_that_the_repository_does_not_have()
    {
        var other = Registry.Image(Repository, null, "for arm64");
        Registry.Index(Repository, "multi", Manifest, other);
        var key = DistributionLayout.RevisionLinkKey(Repository, other);
        Store.Remove(key);

        var result = await AuditAsync();

        AssertDefects(result, Defect(DefectKind.MissingManifest, key, other, Repository));
        Assert.Contains("sparse", result.Defects[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tag_without_current_link()
    {
        Store.Remove(Current("v1"));

        AssertDefects(await AuditAsync(), Defect(DefectKind.MissingTagTarget, Current("v1"), null, Repository, "v1"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("sha256:123")]
    [InlineData("sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n")]
    public async Task Links_that_say_no_digest(string content)
    {
        var layer = DistributionLayout.LayerLinkKey(Repository, Layer);
        Store.Put(layer, Bytes(content));
        Store.Put(Current("v1"), Bytes(content));

        AssertDefects(await AuditAsync(), Defect(DefectKind.BrokenLink, layer, Layer, Repository), Defect(DefectKind.BrokenLink, Current("v1"), null, Repository, "v1"));
    }

    [Fact]
    public async Task Links_that_say_another_digest()
    {
        var other = Digest.OfSha256("other"u8);
        string[] keys =
        [
            DistributionLayout.LayerLinkKey(Repository, Layer),
            DistributionLayout.RevisionLinkKey(Repository, Manifest),
            DistributionLayout.TagIndexLinkKey(Repository, "v1", Manifest),
        ];
        foreach (var key in keys)
            Registry.Link(key, other);

        AssertDefects(
            await AuditAsync(),
            Defect(DefectKind.ForeignLink, keys[0], Layer, Repository),
            Defect(DefectKind.ForeignLink, keys[1], Manifest, Repository),
            Defect(DefectKind.ForeignLink, keys[2], Manifest, Repository, "v1"));
    }

    [Fact]
    public async Task A_manifest_linked_among_the_layers_is_served_by_2_x_and_checked()
    {
        var good = Registry.Image(Repository, null, "layer three");
        Store.Remove(DistributionLayout.RevisionLinkKey(Repository, good));
        Registry.Layer(Repository, good);
        Registry.Link(Current("good"), good);
        Registry.Index(Repository, "index", good);
        AssertDefects(await AuditAsync());

        Registry.Link(Current("v1"), Layer);
        var three = Digest.OfSha256("layer three"u8);
        Store.Remove(BlobKey(three));
        var expected = new[] { Defect(DefectKind.BrokenManifest, BlobKey(Layer), Layer, Repository), Defect(DefectKind.MissingBlob, BlobKey(three), three, Repository) };
        AssertDefects(await AuditAsync(), [.. expected.OrderBy(defect => defect.Key, KeyOrder.Instance)]);
    }

    [Fact]
    public async Task A_revision_that_is_no_manifest()
    {
        var digest = Registry.Manifest(Repository, "bad", "no JSON");
        var huge = Registry.Blob(new byte[ManifestDocument.MaxBytes + 1]);
        Registry.Link(DistributionLayout.RevisionLinkKey(Repository, huge), huge);

        var expected = new[] { Defect(DefectKind.BrokenManifest, BlobKey(digest), digest, Repository), Defect(DefectKind.BrokenManifest, BlobKey(huge), huge, Repository) };
        AssertDefects(await AuditAsync(), [.. expected.OrderBy(defect => defect.Key, KeyOrder.Instance)]);
    }

    [Fact]
    public async Task A_large_object_whose_segments_are_gone()
    {
        Store.Put(BlobKey(Layer), []);
        var listed = new ListedStore(Store) { Large = { BlobKey(Layer), BlobKey(Manifest), BlobKey(Registry.Layer(Repository, Registry.Blob(""))) } };

        var result = await AuditAsync(listed.Open());

        AssertDefects(result, Defect(DefectKind.EmptyLargeObject, BlobKey(Layer), Layer));
        Assert.Equal(Store.Keys.Where(key => key.StartsWith("blobs/", StringComparison.Ordinal)).Sum(key => (long)Store.Get(key)!.Length), result.BlobBytes);
    }

    [Fact]
    public async Task Names_that_can_be_no_key_are_told_once()
    {
        var listed = new ListedStore(Store) { Rejected = { ["blobs/sha256/a"] = new RejectedEntry("blobs/sha256/a\\xff", "no UTF-8"), [$"repositories/{Repository}/"] = new RejectedEntry("repositories/team/app/out", "a link out of the root") } };
        var fail = true;
        Store.OnList = (prefix, page) =>
        {
            if (page == 0 || !fail || !prefix.StartsWith("blobs/sha256/a", StringComparison.Ordinal))
                return Task.CompletedTask;
            fail = false;
            throw new StoreException(StoreErrorKind.Transient, "again");
        };

        AssertDefects(await AuditAsync(listed.Open()), Defect(DefectKind.UnusableName, "blobs/sha256/a\\xff"), Defect(DefectKind.UnusableName, "repositories/team/app/out"));
    }

    [Fact]
    public async Task An_object_that_can_not_be_read_is_a_defect_and_not_the_end()
    {
        Store.OnRead = (key, _) => key == BlobKey(Layer) ? throw new StoreException(StoreErrorKind.Other, "Input/output error.") : Task.CompletedTask;

        AssertDefects(await AuditAsync(new AuditOptions { Deep = true }), Defect(DefectKind.Unreadable, BlobKey(Layer), Layer));
    }

    [Fact]
    public async Task Several_defects_of_one_image_are_all_told()
    {
        var second = Digest.OfSha256("layer two"u8);
        Store.Remove(BlobKey(Layer));
        Store.Put(BlobKey(second), Bytes("2"));
        Store.Remove(DistributionLayout.LayerLinkKey(Repository, second));
        Store.Remove(Current("v1"));

        var result = await AuditAsync();

        Assert.Equal([DefectKind.WrongSize, DefectKind.MissingBlob, DefectKind.MissingLayerLink, DefectKind.MissingTagTarget], result.Defects.Select(defect => defect.Kind).Order());
    }
}

/// <summary>The same with listings that carry no MD5, as those of directories: every link is read.</summary>
public sealed class DefectTestsWithoutMd5() : DefectTests(listsMd5: false);
