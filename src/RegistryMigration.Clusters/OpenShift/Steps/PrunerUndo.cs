using RegistryMigration.Clusters.OpenShift.Changes;
using RegistryMigration.Engine.Journal;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.OpenShift.Steps;

/// <summary>Brings back the pruner's setting from before a step.</summary>
/// <param name="action"><see cref="StepActions.SuspendPruner"/> or <see cref="StepActions.ResumePruner"/>.</param>
/// <param name="work">What to work with.</param>
public sealed class PrunerUndo(string action, StepWork work) : IStepUndo
{
    /// <inheritdoc />
    public string Action => action;

    /// <inheritdoc />
    public string Describe(MigrationStep step) => SpecFields.Describe(step);

    /// <inheritdoc />
    public async Task<string> UndoAsync(MigrationStep step, CancellationToken cancellationToken)
    {
        if (step?.Before is not { } before || !PrunerWork.Exists(before))
            return "there was no pruner";
        var pruner = await PrunerWork.SetAsync(work, RegistryChange.OfPruner().Restore(before), cancellationToken);
        return $"suspend is {pruner.At("spec", PrunerWork.Suspend)?.ToJsonString() ?? "absent"} again";
    }
}
