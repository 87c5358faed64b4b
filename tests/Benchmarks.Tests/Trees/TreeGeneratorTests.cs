using System.Security.Cryptography;
using RegistryMigration.Benchmarks.Trees;

namespace RegistryMigration.Benchmarks.Tests.Trees;

public sealed class TreeGeneratorTests : IDisposable
{
    private static readonly TreeShape Shape = TreeShape.Smoke with { Images = 40, LayerBytes = 1 << 20, LargeLayerBytes = 100_000, LayerLimit = 200_000 };

    private readonly string _directory = Directory.CreateTempSubdirectory("benchmarks-tests-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Same_shape_gives_the_same_tree()
    {
        var first = Write("first");
        var second = Write("second");
        Assert.Equal(Hashes(first.Path), Hashes(second.Path));
        Assert.Equal(first.All, second.All);
    }

    [Fact]
    public void Does_not_change_from_version_to_version()
    {
        // Results of different versions are comparable only while the trees stay what they are.
        var all = string.Join('\n', Hashes(Write("tree").Path).Select(file => $"{file.Value} {file.Key}"));
        Assert.StartsWith("27d21852356c0cb3", Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(all))), StringComparison.Ordinal);
    }

    [Fact]
    public void Blobs_hash_to_their_names_and_links_lead_to_blobs()
    {
        var tree = Write("tree");
        var files = Hashes(tree.Path);
        var blobs = files.Where(file => file.Key.EndsWith("/data", StringComparison.Ordinal) && file.Key.Contains("/blobs/", StringComparison.Ordinal)).ToList();
        Assert.All(blobs, blob => Assert.Equal(Path.GetFileName(Path.GetDirectoryName(blob.Key)), blob.Value));
        var digests = blobs.Select(blob => "sha256:" + blob.Value).ToHashSet();
        var links = files.Keys.Where(file => file.EndsWith("/link", StringComparison.Ordinal)).ToList();
        Assert.All(links, link => Assert.Contains(File.ReadAllText(Path.Combine(tree.Path, link)), digests));
        Assert.Equal(tree.Links, links.Count);
        Assert.Equal(tree.Shape.Images * 2 + tree.Layers.Count, blobs.Count);
    }

    [Fact]
    public void Counts_what_it_writes()
    {
        var tree = Write("tree");
        var files = new DirectoryInfo(tree.Path).EnumerateFiles("*", SearchOption.AllDirectories).ToList();
        Assert.Equal(new Contents(files.Count, files.Sum(file => file.Length)), tree.All);
        var uploads = files.Where(file => file.FullName.Contains("/_uploads/", StringComparison.Ordinal)).ToList();
        Assert.Equal(new Contents(uploads.Count, uploads.Sum(file => file.Length)), tree.Uploads);
    }

    [Fact]
    public void A_change_adds_moves_tags_and_can_be_taken_back()
    {
        var tree = Write("tree");
        var before = Hashes(tree.Path);
        var change = TreeChange.Apply(tree, Cancellation);
        var changed = Hashes(tree.Path);
        Assert.Equal(before.Count + change.Added.Objects, changed.Count);
        Assert.Equal(10, change.MovedTags.Count);
        Assert.All(change.MovedTags, tag => Assert.Equal(tag.Value, File.ReadAllText(Path.Combine(tree.Path, tag.Key))));
        Assert.Equal(change.MovedTags.Keys.Order(StringComparer.Ordinal), before.Keys.Where(file => before[file] != changed[file]).Order(StringComparer.Ordinal));
        change.Revert();
        Assert.Equal(before, Hashes(tree.Path));
    }

    [Fact]
    public void A_change_leaves_other_hard_links_alone()
    {
        var tree = Write("tree");
        var tag = TreeWriter.KeyOf(TreeWriter.CurrentLinkOf(tree.Tags[0]));
        var other = Path.Combine(_directory, "other");
        var content = File.ReadAllText(Path.Combine(tree.Path, tag));
        using (var link = System.Diagnostics.Process.Start("ln", [Path.Combine(tree.Path, tag), other]))
            link.WaitForExit();
        var writer = new TreeWriter(tree.Path);
        writer.WriteLink(TreeWriter.CurrentLinkOf(tree.Tags[0]), new string('0', 64));
        Assert.NotEqual(content, File.ReadAllText(Path.Combine(tree.Path, tag)));
        Assert.Equal(content, File.ReadAllText(other));
    }

    [Fact]
    public async Task The_cache_makes_a_tree_once_and_again_when_its_shape_has_changed()
    {
        var cache = new TreeCache(_directory);
        var made = await cache.GetAsync(Shape, Cancellation);
        var marked = Path.Combine(made.Path, "marked");
        await File.WriteAllTextAsync(marked, "", Cancellation);
        var again = await cache.GetAsync(Shape, Cancellation);
        Assert.True(File.Exists(marked));
        Assert.Equal((made.All, made.Uploads, made.Links), (again.All, again.Uploads, again.Links));
        Assert.Equal(made.Layers, again.Layers);
        await cache.GetAsync(Shape with { Images = 20 }, Cancellation);
        Assert.False(File.Exists(marked));
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private Tree Write(string name) => TreeGenerator.Write(Shape, Path.Combine(_directory, name), Cancellation);

    private static SortedDictionary<string, string> Hashes(string root) => new(
        Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories)
            .ToDictionary(file => Path.GetRelativePath(root, file), file => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)))),
        StringComparer.Ordinal);
}
