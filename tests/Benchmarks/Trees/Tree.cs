namespace RegistryMigration.Benchmarks.Trees;

/// <summary>Entries and their bytes.</summary>
/// <param name="Objects">How many files or objects.</param>
/// <param name="Bytes">Bytes of all of them.</param>
internal readonly record struct Contents(long Objects, long Bytes)
{
    public static Contents operator +(Contents left, Contents right) => new(left.Objects + right.Objects, left.Bytes + right.Bytes);

    public static Contents operator -(Contents left, Contents right) => new(left.Objects - right.Objects, left.Bytes - right.Bytes);
}

/// <summary>A layer blob.</summary>
/// <param name="Digest">SHA-256, lower-case hexadecimal.</param>
/// <param name="Size">Bytes.</param>
internal readonly record struct Layer(string Digest, long Size);

/// <summary>A tag of a repository.</summary>
/// <param name="Repository">The repository's name.</param>
/// <param name="Name">The tag's name.</param>
internal readonly record struct Tag(string Repository, string Name);

/// <summary>A generated tree of docker-registry's layout.</summary>
/// <param name="Shape">What it was made from.</param>
/// <param name="Path">The directory that holds <c>docker/registry/v2</c>.</param>
/// <param name="All">Every file.</param>
/// <param name="Uploads">Files of uploads in progress among them, which this project leaves out and other tools copy.</param>
/// <param name="Links">Link files among them.</param>
/// <param name="Layers">All layers.</param>
/// <param name="Tags">All tags.</param>
internal sealed record Tree(TreeShape Shape, string Path, Contents All, Contents Uploads, long Links, IReadOnlyList<Layer> Layers, IReadOnlyList<Tag> Tags)
{
    /// <summary>Everything but uploads in progress.</summary>
    public Contents Content => All - Uploads;
}
