using System.Text.Json.Nodes;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.InCluster;

/// <summary>A copy that was checked against the cluster and not started.</summary>
public sealed class PlannedSync
{
    internal PlannedSync()
    {
    }

    /// <summary>What would be made, for people.</summary>
    public required string Description { get; init; }

    /// <summary>What should be known before.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    internal required SyncRecord Record { get; init; }

    internal required RegistryStore Destination { get; init; }

    internal required JsonObject? Secret { get; init; }

    internal required JsonObject Policy { get; init; }

    internal required IReadOnlyList<JsonObject> Jobs { get; init; }
}
