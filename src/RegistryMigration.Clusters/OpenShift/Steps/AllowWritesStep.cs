using System.Text.Json.Nodes;
using RegistryMigration.Clusters.OpenShift.Changes;
using RegistryMigration.Engine.Journal;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.OpenShift.Steps;

/// <summary>Lets the registry take writes again and proves it by a push that is pulled back. After a switch this is where an undo stops being lossless.</summary>
/// <param name="id">The step's id.</param>
/// <param name="steps">The migration's steps so far.</param>
/// <param name="probe">Pushes and pulls.</param>
/// <param name="work">What to work with.</param>
/// <param name="force">Allow writes without a proof by pulling.</param>
public sealed class AllowWritesStep(string id, IReadOnlyList<MigrationStep> steps, Func<CancellationToken, Task<PushResult>> probe, StepWork work, bool force = false) : IMigrationStep
{
    private const string Forced = "forced";

    /// <inheritdoc />
    public string Id => id;

    /// <inheritdoc />
    public string Action => StepActions.AllowWrites;

    /// <inheritdoc />
    public string Target => StepWork.ConfigName;

    /// <inheritdoc />
    public async Task<JsonObject> CaptureAsync(CancellationToken cancellationToken)
    {
        var record = SpecFields.Record(await work.ReadManagedAsync(cancellationToken), ReadOnlyWork.ReadOnly);
        if (Unproven() is not { } why)
            return record;
        if (!force)
            throw StepWork.Refused($"{why} Writes stay blocked until then; -Force allows them nevertheless.");
        record[Forced] = why;
        return record;
    }

    /// <inheritdoc />
    public async Task<StepResult> ApplyAsync(JsonObject before, CancellationToken cancellationToken)
    {
        await ReadOnlyWork.SetAsync(work, ConfigChange.OfRegistry().Set(Wanted(), ReadOnlyWork.ReadOnly), cancellationToken);
        var push = await probe(cancellationToken);
        if (!push.Ok)
            throw StepWork.Refused($"The registry is no longer read-only, but that it takes and serves images is not proven: {push.Message} Run the same command again when the cause is gone; Set-RegistryReadOnly blocks writes again.");
        var proof = $"{push.Registry} took {push.Reference} and served it";
        return new StepResult(proof, NoReturn: NoReturn(), Forced: (string?)before[Forced]);
    }

    // What was recorded when writes were blocked first; a registry that was read-only by then is asked for by name to be so no longer.
    private JsonNode? Wanted()
    {
        var first = steps.FirstOrDefault(step => step.Action == StepActions.BlockWrites)?.Before;
        var recorded = first is null ? false : SpecFields.Recorded(first, ReadOnlyWork.ReadOnly);
        return recorded is JsonValue value && value.TryGetValue<bool>(out var readOnly) && readOnly ? false : recorded?.DeepClone();
    }

    private string? Unproven()
    {
        if (Switch() is not { } done)
            return null;
        if (done.State != MigrationStepState.Done)
            return $"The switch to {done.Target} has not ended. Run Switch-RegistryBackend again, or Undo-RegistryMigration.";
        var pull = steps.Select(PullRecord.Read).LastOrDefault(pull => pull?.StartedAt >= done.Finished);
        return pull is { IsProof: true } ? null : "No image was pulled from the new storage with proof since the switch. Run Test-RegistryPull with -Migration.";
    }

    private string? NoReturn() => Switch() is not null
        ? FormattableString.Invariant($"The new storage takes writes since {work.Time.GetUtcNow():u}: to undo without loss, block them with Set-RegistryReadOnly, copy back with Sync-RegistryBlobs or, in the cluster, Start-RegistrySync -Source, and undo then.")
        : null;

    private MigrationStep? Switch() => steps.LastOrDefault(step => step.Action == StepActions.SwitchBackend && step.State != MigrationStepState.Undone);
}
