using System.Text.Json.Nodes;
using RegistryMigration.Clusters.OpenShift.Changes;
using RegistryMigration.Engine.Journal;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.OpenShift.Steps;

/// <summary>Stops the pruner and waits for its running Jobs.</summary>
/// <param name="id">The step's id.</param>
/// <param name="work">What to work with.</param>
public sealed class SuspendPrunerStep(string id, StepWork work) : IMigrationStep
{
    /// <inheritdoc />
    public string Id => id;

    /// <inheritdoc />
    public string Action => StepActions.SuspendPruner;

    /// <inheritdoc />
    public string Target => PrunerWork.Target;

    /// <inheritdoc />
    public Task<JsonObject> CaptureAsync(CancellationToken cancellationToken) => PrunerWork.RecordAsync(work, cancellationToken);

    /// <inheritdoc />
    public async Task<StepResult> ApplyAsync(JsonObject before, CancellationToken cancellationToken)
    {
        if (PrunerWork.Exists(before))
            await PrunerWork.SetAsync(work, RegistryChange.OfPruner().Set(true, PrunerWork.Suspend), cancellationToken);
        // Runs may be left of a pruner whose configuration is gone.
        var waited = await PrunerWork.WaitUntilIdleAsync(work, cancellationToken);
        var ended = waited.Count == 0 ? "no run was under way" : $"waited for {string.Join(", ", waited)}";
        return new StepResult(PrunerWork.Exists(before) ? $"suspended; {ended}" : $"there is no pruner; {ended}");
    }
}
