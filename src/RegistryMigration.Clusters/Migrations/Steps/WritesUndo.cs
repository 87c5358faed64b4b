using RegistryMigration.Engine.Journal;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Migrations.Steps;

/// <summary>Brings back whether writes were blocked before they were blocked or allowed.</summary>
/// <param name="action"><see cref="StepActions.BlockWrites"/> or <see cref="StepActions.AllowWrites"/>.</param>
/// <param name="gate">How the system is told.</param>
public sealed class WritesUndo(string action, IWriteGate gate) : IStepUndo
{
    /// <inheritdoc />
    public string Action => action;

    /// <inheritdoc />
    public string Describe(MigrationStep step) => $"{step?.Target}: {(step?.Before is { } before ? gate.Describe(before) : "nothing recorded")}";

    /// <inheritdoc />
    public async Task<string> UndoAsync(MigrationStep step, CancellationToken cancellationToken)
    {
        if (step?.Before is not { } before)
            return "nothing was recorded, so nothing was changed";
        if (before[WayBack.Follows] is { } earlier)
            return $"left read-only until {earlier} is undone: writes must not reach the storage that is being left";
        return await gate.RestoreAsync(before, cancellationToken);
    }
}
