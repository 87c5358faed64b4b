using RegistryMigration.Clusters.Quay.Configuration;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Quay.Steps;

/// <summary>A Quay as it is configured now.</summary>
/// <param name="Registry">What is known of it.</param>
/// <param name="Given">The configuration that its administrator gives: the bundle's, or the file.</param>
/// <param name="Effective">The configuration that it runs with; under the operator that has more in it.</param>
internal sealed record QuayNow(QuayRegistry Registry, QuayConfig Given, QuayConfig Effective);

/// <summary>What a step makes of a configuration.</summary>
/// <param name="Config">The configuration to give.</param>
internal sealed record QuayEdit(QuayConfig Config)
{
    /// <summary>Files to add beside it, by name: certificates, keys.</summary>
    public IReadOnlyDictionary<string, string> Files { get; init; } = new Dictionary<string, string>();

    /// <summary>Files beside it to take away, by name.</summary>
    public IReadOnlyCollection<string> Without { get; init; } = [];

    /// <summary>Take the storage out of the operator's hands in the same change: it refuses a bundle that names storage while it owns one.</summary>
    public bool TakesStorage { get; init; }
}
