using RegistryMigration.Engine.Journal;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Quay.Steps;

/// <summary>Makes Quay use its old storage again. Writes stay blocked: their own undo comes after.</summary>
/// <param name="host">Where the configuration is.</param>
internal sealed class SwitchStorageUndo(IQuayHost host) : IStepUndo
{
    /// <inheritdoc />
    public string Action => StepActions.SwitchBackend;

    /// <inheritdoc />
    public string Describe(MigrationStep step) => step?.Before is { } before ? $"{before["location"]}: {host.Describe(before)}" : "nothing recorded";

    /// <inheritdoc />
    public async Task<string> UndoAsync(MigrationStep step, CancellationToken cancellationToken)
    {
        if (step?.Before is not { } before)
            return "nothing was recorded, so nothing was changed";
        if (WayBack.WasReadOnly(before) && await host.ReadStateAsync(cancellationToken) == QuayState.Normal)
            throw new ClusterException(ClusterErrorKind.Precondition, "Quay takes writes, though no step of this migration allowed them: what was pushed would be lost. Run Set-RegistryReadOnly, copy back with Sync-RegistryBlobs, then undo again.") { Target = host.Target };
        return await host.RestoreAsync(before, cancellationToken);
    }
}
