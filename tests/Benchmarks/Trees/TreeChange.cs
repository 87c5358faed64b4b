using System.Globalization;

namespace RegistryMigration.Benchmarks.Trees;

/// <summary>What a registry in use gets between two passes: 1 % new blobs, and ten tags that move. It can be taken back.</summary>
internal sealed class TreeChange
{
    private const ulong Seed = 2;
    private const int Share = 100;
    private const int Moved = 10;

    private readonly TreeWriter _writer;

    private TreeChange(TreeWriter writer, IReadOnlyDictionary<string, string> movedTags) => (_writer, Added, MovedTags) = (writer, writer.Added, movedTags);

    /// <summary>Files that are new.</summary>
    public Contents Added { get; }

    /// <summary>The keys of the moved tags' links, each with the content it has now.</summary>
    public IReadOnlyDictionary<string, string> MovedTags { get; }

    /// <summary>Changes a tree in place; files of other hard links to it stay as they are.</summary>
    public static TreeChange Apply(Tree tree, CancellationToken cancellationToken)
    {
        var random = new DeterministicRandom(Seed);
        var writer = new TreeWriter(tree.Path);
        var images = new ImageWriter(writer, random);
        Layer[] layers = [.. tree.Shape.LayerSizes(random, tree.Shape.LayerBytes / Share, large: 0).Select(size => writer.WriteLayer(random, size, cancellationToken))];
        var moved = random.Sample(tree.Tags, Moved);
        var links = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < Math.Max(moved.Length, tree.Shape.Images / Share); i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var tag = i < moved.Length
                ? moved[i]
                : new Tag(random.Sample(tree.Tags, 1)[0].Repository, string.Create(CultureInfo.InvariantCulture, $"new{i}"));
            var manifest = images.Write(tag.Repository, [.. random.Sample(layers, 2), .. random.Sample(tree.Layers, 3)], oci: false);
            images.WriteTag(tag, manifest);
            if (i < moved.Length)
                links[TreeWriter.KeyOf(TreeWriter.CurrentLinkOf(tag))] = "sha256:" + manifest;
        }

        return new TreeChange(writer, links);
    }

    /// <summary>Brings the tree back to what it was; the moved tags' links get the present time.</summary>
    public void Revert() => _writer.Revert();
}
