using RegistryMigration.Model;

namespace RegistryMigration.Engine.Sync.Selection;

/// <summary>What is taken of one repository.</summary>
internal sealed class SelectedRepository(string name)
{
    public string Name => name;

    /// <summary>Manifests, configs and layers that are taken.</summary>
    public HashSet<Digest> Digests { get; set; } = [];

    /// <summary>Manifests that the repository has.</summary>
    public HashSet<Digest> Revisions { get; } = [];

    /// <summary>Tags that are taken, with the entry of their current link.</summary>
    public Dictionary<string, StoreEntry> Tags { get; set; } = [];
}
