using System.Text.Json.Nodes;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Migrations.Steps;

/// <summary>How a system is told to refuse writes, and to take them again.</summary>
public interface IWriteGate
{
    /// <summary>What is changed, for people.</summary>
    string Target { get; }

    /// <summary>What may be the cause where writes are not refused; null where nothing is known.</summary>
    string? Hint { get; }

    /// <summary>Whether a change shows only after a restart that somebody makes by hand, so that a proof has to wait for it.</summary>
    bool IsProvenByRestart { get; }

    /// <summary>What else has to be on record before writes may be allowed at the new storage, in words with the next step; null where nothing is missing.</summary>
    /// <param name="switched">The cut-over.</param>
    string? MissingSince(MigrationStep switched);

    /// <summary>Reads what is there before; says so that <see cref="WayBack.WasReadOnly"/> reads it whether writes were blocked then. Changes nothing.</summary>
    /// <param name="block">Whether they are to be blocked, or allowed.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    Task<JsonObject> CaptureAsync(bool block, CancellationToken cancellationToken);

    /// <summary>Makes the change, and waits until the whole registry runs with it.</summary>
    /// <param name="before">What was captured, in this run or an earlier one.</param>
    /// <param name="block">Whether writes are to be blocked.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>What runs so, in words.</returns>
    Task<string> SetAsync(JsonObject before, bool block, CancellationToken cancellationToken);

    /// <summary>Takes away what nothing uses any more, once the registry is proven to run so.</summary>
    Task SettleAsync(JsonObject before, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Brings back what was captured, and waits until the whole registry runs with it.</summary>
    /// <returns>What was brought back, in words.</returns>
    Task<string> RestoreAsync(JsonObject before, CancellationToken cancellationToken);

    /// <summary>What <see cref="RestoreAsync"/> would bring back, in words.</summary>
    string Describe(JsonObject before);
}
