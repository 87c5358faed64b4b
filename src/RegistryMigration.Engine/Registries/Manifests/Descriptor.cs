using RegistryMigration.Model;

namespace RegistryMigration.Engine.Registries.Manifests;

/// <summary>What a manifest says of one of its parts.</summary>
/// <param name="MediaType">The part's type; empty where the manifest says none.</param>
/// <param name="Digest">Its digest.</param>
/// <param name="Size">Its size in bytes.</param>
public sealed record Descriptor(string MediaType, Digest Digest, long Size)
{
    /// <summary>Where else it can be had; filled for foreign layers.</summary>
    public IReadOnlyList<string> Urls { get; init; } = [];

    /// <summary>The platform that a manifest of an index is for, as <c>os/architecture[/variant]</c>; null where it says none.</summary>
    public string? Platform { get; init; }

    /// <summary>A layer that is expected to be absent from the registry.</summary>
    public bool IsForeign => Urls.Count > 0 || MediaTypes.IsForeignLayer(MediaType);
}
