using System.Text.Json.Nodes;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.InCluster;

/// <summary>A copy that was checked against the cluster and not started.</summary>
public sealed class PlannedSync
{
    internal PlannedSync(SyncPieces pieces, string description, IReadOnlyList<string> warnings)
    {
        Pieces = pieces;
        Description = description;
        Warnings = warnings;
    }

    /// <summary>What would be made, for people.</summary>
    public string Description { get; }

    /// <summary>What should be known before.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>What is to be made.</summary>
    internal SyncPieces Pieces { get; }
}

/// <summary>The objects of a copy as they are to be made.</summary>
/// <param name="Record">The record.</param>
/// <param name="Store">The store as it was given.</param>
/// <param name="Secret">The Secret; null where nothing is to be hidden.</param>
/// <param name="Policy">The NetworkPolicy.</param>
/// <param name="Jobs">The Jobs of the first phase.</param>
internal sealed record SyncPieces(SyncRecord Record, RegistryStore Store, JsonObject? Secret, JsonObject Policy, IReadOnlyList<JsonObject> Jobs);
