using System.Text.Json.Nodes;
using RegistryMigration.Clusters.OpenShift.Changes;
using RegistryMigration.Engine.Journal;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.OpenShift.Steps;

/// <summary>Makes the registry read-only and proves it by a push that is refused.</summary>
/// <param name="id">The step's id.</param>
/// <param name="steps">The migration's steps so far.</param>
/// <param name="probe">Tries a push.</param>
/// <param name="work">What to work with.</param>
public sealed class BlockWritesStep(string id, IReadOnlyList<MigrationStep> steps, Func<CancellationToken, Task<PushResult>> probe, StepWork work) : IMigrationStep
{
    /// <inheritdoc />
    public string Id => id;

    /// <inheritdoc />
    public string Action => StepActions.BlockWrites;

    /// <inheritdoc />
    public string Target => StepWork.ConfigName;

    /// <inheritdoc />
    public async Task<JsonObject> CaptureAsync(CancellationToken cancellationToken)
    {
        var record = SpecFields.Record(await work.ReadManagedAsync(cancellationToken), ReadOnlyWork.ReadOnly);
        if (steps.LastOrDefault(step => step.Id != id && step.State != MigrationStepState.Undone && BringsReadOnlyBack(step)) is { } earlier)
            record[WayBack.Follows] = earlier.Id;
        return record;
    }

    /// <inheritdoc />
    public async Task<StepResult> ApplyAsync(JsonObject before, CancellationToken cancellationToken)
    {
        await ReadOnlyWork.SetAsync(work, ConfigChange.OfRegistry().Set(true, ReadOnlyWork.ReadOnly), cancellationToken);
        var push = await probe(cancellationToken);
        if (!push.Refused)
            throw StepWork.Refused($"The registry was made read-only, but that is not proven: {push.Message} It stays read-only; run the same command again, or undo.");
        return new StepResult($"every pod runs with {ImageRegistryNames.ReadOnlyVariable}; {push.Registry} refused a push to {push.Repository} with {push.StatusCode}", WriteBlockRecord.Of(push, work.Time.GetUtcNow()));
    }

    private static bool BringsReadOnlyBack(MigrationStep step) =>
        step.Action is StepActions.AllowWrites or StepActions.BlockWrites || (step is { Action: StepActions.SwitchBackend, Before: { } before } && !WayBack.WasReadOnly(before));
}
