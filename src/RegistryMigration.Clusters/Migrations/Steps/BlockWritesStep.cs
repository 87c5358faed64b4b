using System.Text.Json.Nodes;
using RegistryMigration.Engine.Journal;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Migrations.Steps;

/// <summary>Makes the registry refuse writes and proves it by a push that is refused.</summary>
/// <param name="id">The step's id.</param>
/// <param name="context">The migration so far, and the clock.</param>
/// <param name="probe">Tries a push.</param>
/// <param name="gate">How the system is told.</param>
public sealed class BlockWritesStep(string id, StepContext context, Func<CancellationToken, Task<PushResult>> probe, IWriteGate gate) : IMigrationStep
{
    /// <inheritdoc />
    public string Id => id;

    /// <inheritdoc />
    public string Action => StepActions.BlockWrites;

    /// <inheritdoc />
    public string Target => gate.Target;

    /// <inheritdoc />
    public async Task<JsonObject> CaptureAsync(CancellationToken cancellationToken)
    {
        var record = await gate.CaptureAsync(block: true, cancellationToken);
        if (context.Migration.Steps.LastOrDefault(step => step.Id != id && step.State != MigrationStepState.Undone && BringsReadOnlyBack(step)) is { } earlier)
            record[WayBack.Follows] = earlier.Id;
        return record;
    }

    /// <inheritdoc />
    public async Task<StepResult> ApplyAsync(JsonObject before, CancellationToken cancellationToken)
    {
        var runs = await gate.SetAsync(before, block: true, cancellationToken);
        var push = await ProbeWait.RunAsync(context, gate, probe, push => push.Refused, cancellationToken);
        if (!push.Refused)
            throw new ClusterException(ClusterErrorKind.Precondition, $"The registry was made read-only, but that is not proven: {push.Message} {(gate.IsProvenByRestart ? "It reads its configuration at its start only: was it restarted, on every host? " : "")}{(gate.Hint is { } hint ? hint + " " : "")}It stays read-only; run the same command again, or undo.") { Target = gate.Target };
        return new StepResult($"{runs}; {push.Registry} refused a push to {push.Repository} with {push.StatusCode}", WriteBlockRecord.Of(push, context.Time.GetUtcNow()));
    }

    private static bool BringsReadOnlyBack(MigrationStep step) =>
        step.Action is StepActions.AllowWrites or StepActions.BlockWrites || (step is { Action: StepActions.SwitchBackend, Before: { } before } && !WayBack.WasReadOnly(before));
}
