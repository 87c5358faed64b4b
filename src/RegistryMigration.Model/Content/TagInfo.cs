namespace RegistryMigration.Model;

/// <summary>A tag in a store.</summary>
/// <param name="Store">The store.</param>
/// <param name="Repository">Its repository.</param>
/// <param name="Name">Its name.</param>
/// <param name="Digest">The manifest it points at, as text; null where its link is missing or says no digest (an audit tells more).</param>
/// <param name="MovedAt">When it was last moved, where the store tells; after a copy, when it was copied.</param>
public sealed record TagInfo(RegistryStore Store, string Repository, string Name, string? Digest, DateTimeOffset? MovedAt)
{
    /// <summary>The manifest's media type; null unless asked for, or where the manifest can't be read.</summary>
    public string? MediaType { get; init; }

    /// <summary>Bytes of config and layers of an image, each layer once; null for an index, where sizes are unknown, or unless asked for.</summary>
    public long? Size { get; init; }

    /// <summary>The platforms of an index, as <c>os/architecture</c>; empty elsewhere, or unless asked for.</summary>
    public IReadOnlyList<string> Platforms { get; init; } = [];

    /// <summary><c>repository:tag</c>.</summary>
    public override string ToString() => $"{Repository}:{Name}";
}
