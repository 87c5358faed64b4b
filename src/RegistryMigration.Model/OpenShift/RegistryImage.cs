namespace RegistryMigration.Model;

/// <summary>An image that an imagestream of the cluster names, and that the cluster's own registry stores.</summary>
/// <param name="Repository">Namespace and imagestream: the repository's name.</param>
/// <param name="Tag">The newest tag that leads, or led, to it.</param>
/// <param name="Digest">The manifest's digest.</param>
/// <param name="Created">When the tag was set to it; null where that is not told.</param>
public sealed record RegistryImage(string Repository, string Tag, Digest Digest, DateTimeOffset? Created)
{
    /// <summary>Repository and digest, as one pulls it.</summary>
    public override string ToString() => $"{Repository}@{Digest}";
}
