using System.Collections.Concurrent;
using System.Security.Cryptography;
using RegistryMigration.Engine.Layouts;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Audit;

/// <summary>What looks odd in a store and is sound: none of it may be called a defect.</summary>
public sealed class CleanStoreTests : AuditTestBase
{
    private const string Gzip = "application/vnd.docker.image.rootfs.diff.tar.gzip";

    [Fact]
    public async Task An_image_is_sound_and_everything_is_counted()
    {
        var result = await AuditAsync(new AuditOptions { Deep = true });

        AssertDefects(result);
        Assert.Equal((1, 1, 1), (result.Repositories, result.Tags, result.Manifests));
        // Three layer links (config, two layers), a revision, a tag's index and its current link.
        Assert.Equal((6, 4, 0, 0), (result.Links, result.Blobs, result.OrphanBlobs, result.StaleLinks));
        var bytes = Store.Keys.Where(key => key.StartsWith("blobs/", StringComparison.Ordinal)).Sum(key => (long)Store.Get(key)!.Length);
        Assert.Equal((bytes, bytes, true), (result.BlobBytes, result.HashedBytes, result.Deep));
    }

    [Fact]
    public async Task Indexes_referrers_shared_layers_and_mounts_are_sound()
    {
        var other = Registry.Image(Repository, null, "layer one", "for arm64");
        Registry.Index(Repository, "multi", Manifest, other);
        Registry.Image(Repository, null, Manifest, "a signature");
        Registry.Image(Repository, null, Digest.OfSha256("never pushed"u8), "a signature that came first");
        // A mount: the same blobs, linked into a repository whose name sorts among the links of the one above it.
        Registry.Image("team", "v1", "layer one", "layer two");
        Registry.Image("team/1st", "v1", "layer one", "layer two");

        var result = await AuditAsync();

        AssertDefects(result);
        Assert.Equal((3, 4), (result.Repositories, result.Tags));
    }

    [Fact]
    public async Task An_empty_layer_is_the_one_blob_that_may_be_empty()
    {
        Registry.Image(Repository, "empty", "");
        Assert.Contains(BlobKey(Digest.EmptySha256), Store.Keys);

        AssertDefects(await AuditAsync(new AuditOptions { Deep = true }));
    }

    [Fact]
    public async Task A_foreign_layer_is_expected_to_be_elsewhere()
    {
        var config = Registry.Layer(Repository, Registry.Blob("{}"));
        Registry.Manifest(Repository, "windows", $$"""
            {"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json","config":{"size":2,"digest":"{{config}}"},
             "layers":[{"mediaType":"application/vnd.docker.image.rootfs.foreign.diff.tar.gzip","size":9,"digest":"{{Digest.OfSha256("base"u8)}}","urls":["https://example.org/base"]}]}
            """);

        var result = await AuditAsync();

        AssertDefects(result);
        Assert.Equal(1, result.ForeignLayers);
    }

    [Fact]
    public async Task Schema_1_with_its_old_signatures_is_sound()
    {
        Registry.Layer(Repository, Layer);
        var manifest = Registry.Manifest(Repository, "old", $$"""{"schemaVersion":1,"name":"{{Repository}}","tag":"old","fsLayers":[{"blobSum":"{{Layer}}"},{"blobSum":"{{Layer}}"}]}""");
        var signature = Registry.Blob("a signature, no manifest");
        Registry.Link($"repositories/{Repository}/_manifests/revisions/sha256/{manifest.Hex}/signatures/sha256/{signature.Hex}/link", signature);

        var result = await AuditAsync();

        AssertDefects(result);
        Assert.Equal((2, 0), (result.Manifests, result.OrphanBlobs));
    }

    [Fact]
    public async Task A_buildkit_cache_lists_layers_where_an_index_lists_manifests()
    {
        var config = Registry.Layer(Repository, Registry.Blob("cache"));
        Registry.Manifest(Repository, "cache", $$"""
            {"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[
             {"mediaType":"{{Gzip}}","size":9,"digest":"{{Layer}}"},{"mediaType":"application/vnd.buildkit.cacheconfig.v0","size":5,"digest":"{{config}}"}]}
            """);

        AssertDefects(await AuditAsync());
    }

    [Fact]
    public async Task Content_pushed_by_sha512_lies_under_sha256()
    {
        var content = Bytes("pushed by sha512");
        var canonical = Registry.Blob(content);
        var alias = Digest.FromHash("sha512", SHA512.HashData(content));
        Registry.Layer(Repository, canonical);
        Registry.Link(DistributionLayout.LayerLinkKey(Repository, alias), canonical);
        var config = Registry.Layer(Repository, Registry.Blob("{}"));
        Registry.Manifest(Repository, "wide", $$"""{"schemaVersion":2,"config":{"size":2,"digest":"{{config}}"},"layers":[{"size":{{content.Length}},"digest":"{{alias}}"}]}""");

        var result = await AuditAsync(new AuditOptions { Deep = true });

        AssertDefects(result);
        Assert.Equal(0, result.StaleLinks);
    }

    [Fact]
    public async Task A_blob_under_sha512_is_hashed_as_such()
    {
        var content = Bytes("stored by sha512");
        var digest = Digest.FromHash("sha512", SHA512.HashData(content));
        Store.Put(BlobKey(digest), content);
        Registry.Layer(Repository, digest);

        AssertDefects(await AuditAsync(new AuditOptions { Deep = true }));
    }

    [Fact]
    public async Task What_garbage_collection_leaves_is_counted_and_no_defect()
    {
        Registry.Layer(Repository, Digest.OfSha256("collected"u8));
        Registry.Blob("an orphan");
        Store.Put($"repositories/{Repository}/_uploads/1/data", Bytes("unfinished"));
        Registry.Link(DistributionLayout.TagIndexLinkKey(Repository, "v1", Digest.OfSha256("deleted"u8)), Digest.OfSha256("deleted"u8));

        var result = await AuditAsync();

        AssertDefects(result);
        Assert.Equal((1, 1, 9), (result.StaleLinks, result.OrphanBlobs, result.OrphanBytes));
    }

    [Fact]
    public async Task Only_manifests_are_fetched_where_listings_prove_links_and_each_once()
    {
        Registry.Image("other/app", "v1", "layer one", "layer two");
        Registry.Tag(Repository, "v2", Manifest);
        var read = new ConcurrentBag<string>();
        Store.OnRead = (key, _) =>
        {
            read.Add(key);
            return Task.CompletedTask;
        };

        AssertDefects(await AuditAsync());

        Assert.Equal([BlobKey(Manifest)], read);
    }

    [Fact]
    public async Task A_filter_keeps_other_repositories_out_and_orphans_untold()
    {
        Registry.Image("other", "v1", "elsewhere");
        Store.Remove(BlobKey(Digest.OfSha256("elsewhere"u8)));

        var result = await AuditAsync(new AuditOptions { Repositories = ["team/*"] });

        AssertDefects(result);
        Assert.Equal((1, 0), (result.Repositories, result.OrphanBlobs));
        Assert.Equal(1, (await AuditAsync(new AuditOptions { Repositories = ["other"] })).DefectCount);
    }

    [Fact]
    public async Task A_store_without_anything_is_clean() => AssertDefects(await AuditAsync(new Support.MemoryStore().Open()));
}
