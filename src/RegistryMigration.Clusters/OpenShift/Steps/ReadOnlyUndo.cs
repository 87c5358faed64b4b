using RegistryMigration.Clusters.OpenShift.Changes;
using RegistryMigration.Engine.Journal;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.OpenShift.Steps;

/// <summary>Brings back what <c>spec.readOnly</c> was before writes were blocked or allowed.</summary>
/// <param name="action"><see cref="StepActions.BlockWrites"/> or <see cref="StepActions.AllowWrites"/>.</param>
/// <param name="work">What to work with.</param>
public sealed class ReadOnlyUndo(string action, StepWork work) : IStepUndo
{
    /// <inheritdoc />
    public string Action => action;

    /// <inheritdoc />
    public string Describe(MigrationStep step) => SpecFields.Describe(step);

    /// <inheritdoc />
    public async Task<string> UndoAsync(MigrationStep step, CancellationToken cancellationToken)
    {
        if (step?.Before is not { } before)
            return "nothing was recorded, so nothing was changed";
        if (before[WayBack.Follows] is { } earlier)
            return $"left read-only until {earlier} is undone: writes must not reach the storage that is being left";
        await ReadOnlyWork.SetAsync(work, ConfigChange.OfRegistry().Restore(before), cancellationToken);
        return $"{SpecFields.Describe(before)} again, and every pod runs so";
    }
}
