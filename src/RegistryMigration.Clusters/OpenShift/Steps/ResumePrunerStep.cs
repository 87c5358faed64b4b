using System.Text.Json.Nodes;
using RegistryMigration.Clusters.OpenShift.Changes;
using RegistryMigration.Engine.Journal;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.OpenShift.Steps;

/// <summary>Gives the pruner back what it was set to before this migration stopped it; one that was stopped by then stays so.</summary>
/// <param name="id">The step's id.</param>
/// <param name="suspension">The step that stopped it.</param>
/// <param name="work">What to work with.</param>
public sealed class ResumePrunerStep(string id, MigrationStep suspension, StepWork work) : IMigrationStep
{
    /// <inheritdoc />
    public string Id => id;

    /// <inheritdoc />
    public string Action => StepActions.ResumePruner;

    /// <inheritdoc />
    public string Target => PrunerWork.Target;

    /// <inheritdoc />
    public Task<JsonObject> CaptureAsync(CancellationToken cancellationToken) => PrunerWork.RecordAsync(work, cancellationToken);

    /// <inheritdoc />
    public async Task<StepResult> ApplyAsync(JsonObject before, CancellationToken cancellationToken)
    {
        var record = suspension.Before ?? throw new ClusterException(ClusterErrorKind.Precondition, $"The step {suspension.Id} recorded nothing to go back to. Set spec.suspend of {Target} by hand.");
        if (!PrunerWork.Exists(record) || !PrunerWork.Exists(before))
            return new StepResult("there is no pruner");
        var pruner = await PrunerWork.SetAsync(work, RegistryChange.OfPruner().Restore(record), cancellationToken);
        return new StepResult(pruner.Flag("spec", PrunerWork.Suspend) == true ? "suspended, as it was before" : "may run again");
    }
}
