using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using RegistryMigration.Model;
using RegistryMigration.Worker.Demo;
using RegistryMigration.Worker.Tests.Support;

namespace RegistryMigration.Worker.Tests.Demo;

public sealed class SampleRegistryTests(SampleFixture sample)
{
    [Fact]
    public async Task The_same_options_give_the_same_bytes()
    {
        using var directory = new TemporaryDirectory();
        var options = new SampleOptions { Repositories = 3, ImagesPerRepository = 2, LargeLayerBytes = 100_000 };
        await SampleRegistry.WriteAsync(directory["a"], options, TestContext.Current.CancellationToken);
        await SampleRegistry.WriteAsync(directory["b"], options, TestContext.Current.CancellationToken);
        await SampleRegistry.WriteAsync(directory["c"], options with { Seed = 2 }, TestContext.Current.CancellationToken);
        Tree.AssertEqual(directory["a"], directory["b"]);
        Assert.NotEqual(Tree.Keys(directory["a"]), Tree.Keys(directory["c"]));
    }

    [Fact]
    public void Every_blob_hashes_to_its_name()
    {
        var blobs = Directory.GetFiles(sample.Path, "data", SearchOption.AllDirectories).Where(path => path.Contains("/blobs/", StringComparison.Ordinal)).ToList();
        Assert.Equal(sample.Summary.Blobs, blobs.Count);
        Assert.Equal(sample.Summary.BlobBytes, blobs.Sum(path => new FileInfo(path).Length));
        foreach (var path in blobs)
            Assert.Equal(Path.GetFileName(Path.GetDirectoryName(path)), Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path))));
    }

    [Fact]
    public void It_has_both_families_indexes_and_an_upload()
    {
        var types = Directory.GetFiles(sample.Path, "link", SearchOption.AllDirectories)
            .Where(path => path.Contains("/_manifests/revisions/", StringComparison.Ordinal))
            .Select(path => Digest.Parse(File.ReadAllText(path, Encoding.ASCII)))
            .Select(digest => JsonDocument.Parse(File.ReadAllBytes(Path.Combine(sample.Path, "docker/registry/v2/blobs/sha256", digest.Shard, digest.Hex, "data"))).RootElement.GetProperty("mediaType").GetString()!)
            .ToHashSet();
        Assert.Equal(4, types.Count);
        Assert.NotEmpty(Directory.GetDirectories(sample.Path, "_uploads", SearchOption.AllDirectories));
    }
}
