using System.Text;
using RegistryMigration.Engine.Layouts;
using RegistryMigration.Engine.Sync;
using RegistryMigration.Engine.Tests.Support;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Sync;

public sealed class SelectionTests
{
    private readonly TestRegistry _source = new(new MemoryStore { Name = "source" });
    private readonly MemoryStore _target = new() { Name = "target" };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_repository_comes_with_all_of_its_content_and_nothing_else()
    {
        _source.Image("team/app", "v1", "base", "one");
        _source.Image("team/other", "v1", "base", "two");
        _source.Image("third", "v1", "three");
        var result = await RunAsync(new SyncOptions { Repositories = ["team/a*"] });
        Assert.Equal(SyncStatus.Completed, result.Status);
        Assert.Equal(_source.Store.Keys.Where(key => key.StartsWith("repositories/team/app/", StringComparison.Ordinal)), _target.Keys.Where(key => key.StartsWith("repositories/", StringComparison.Ordinal)));
        Assert.Equal(4, _target.Keys.Count(key => key.StartsWith("blobs/", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_tag_comes_with_its_closure_index_manifests_configs_layers_and_referrers()
    {
        var amd = _source.Image("app", null, "base", "amd");
        var arm = _source.Image("app", null, "base", "arm");
        var index = _source.Index("app", "v1", amd, arm);
        var signature = _source.Image("app", null, subject: index, "signature");
        var sbom = _source.Image("app", $"sha256-{amd.Hex}.sbom", "sbom");
        _source.Image("app", "v2", "base", "not wanted");
        var result = await RunAsync(new SyncOptions { Tags = ["v1"] });
        Assert.Equal(SyncStatus.Completed, result.Status);
        foreach (var manifest in new[] { amd, arm, index, signature, sbom })
        {
            Assert.NotNull(_target.Get(DistributionLayout.Instance.BlobKey(manifest)));
            Assert.NotNull(_target.Get(DistributionLayout.RevisionLinkKey("app", manifest)));
        }

        foreach (var layer in new[] { "base", "amd", "arm", "signature", "sbom" })
            Assert.NotNull(_target.Get(DistributionLayout.LayerLinkKey("app", Digest.OfSha256(Encoding.UTF8.GetBytes(layer)))));
        Assert.Null(_target.Get(DistributionLayout.Instance.BlobKey(Digest.OfSha256("not wanted"u8))));
        Assert.Null(_target.Get(DistributionLayout.TagCurrentLinkKey("app", "v2")));
    }

    [Fact]
    public async Task The_newest_tags_are_those_moved_last()
    {
        for (var i = 0; i < 5; i++)
            _source.Tag("app", $"v{i}", _source.Image("app", null, $"layer {i}"), new DateTimeOffset(2024, 1, 1 + (i * 7 % 5), 0, 0, 0, TimeSpan.Zero));
        await RunAsync(new SyncOptions { NewestTags = 2 });
        var tags = _target.Keys.Where(key => key.EndsWith("/current/link", StringComparison.Ordinal));
        Assert.Equal([DistributionLayout.TagCurrentLinkKey("app", "v2"), DistributionLayout.TagCurrentLinkKey("app", "v4")], tags);
    }

    [Fact]
    public async Task A_manifest_that_is_missing_is_a_defect_of_the_source()
    {
        var manifest = _source.Image("app", "v1", "one");
        _source.Store.Remove(DistributionLayout.Instance.BlobKey(manifest));
        var result = await RunAsync(new SyncOptions { Tags = ["v1"] });
        Assert.Equal(SyncStatus.CompletedWithDefects, result.Status);
        Assert.Equal(DefectKind.MissingManifest, Assert.Single(result.Defects).Kind);
    }

    [Fact]
    public async Task A_filter_that_matches_nothing_fails_and_names_the_next_step()
    {
        _source.Image("app", "v1", "one");
        var result = await RunAsync(new SyncOptions { Repositories = ["nothing*"] });
        Assert.Equal(SyncStatus.Failed, result.Status);
        Assert.Contains("Get-RegistryRepository", Assert.Single(result.Failures).Message, StringComparison.Ordinal);
    }

    private Task<SyncResult> RunAsync(SyncOptions options) => new SyncPass(_source.Store.Open(), _target.Open(), options, TimeProvider.System).RunAsync(Token);
}
