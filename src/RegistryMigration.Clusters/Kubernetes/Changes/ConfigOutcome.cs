using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Kubernetes.Changes;

/// <summary>What a change of a configuration does, or did.</summary>
/// <param name="Before">The object before, as it was read for the change; what an undo needs.</param>
/// <param name="After">The object as the API server stored it, or would store it. The same object where nothing differs.</param>
/// <param name="Changes">The fields of the spec that differ, as the API server answered; empty where nothing had to be changed.</param>
/// <param name="Applied">Whether it was written; false for a dry run, and where nothing had to be changed.</param>
public sealed record ConfigOutcome(Resource Before, Resource After, IReadOnlyList<FieldChange> Changes, bool Applied)
{
    /// <summary>The fields that were named, with their values; null values are removed.</summary>
    public IReadOnlyList<ConfigField> Fields { get; init; } = [];
}
