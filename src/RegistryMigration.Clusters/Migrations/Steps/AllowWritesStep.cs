using System.Text.Json.Nodes;
using RegistryMigration.Engine.Journal;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Migrations.Steps;

/// <summary>Lets the registry take writes again and proves it by a push that is pulled back. After a switch this is where an undo stops being lossless.</summary>
/// <param name="id">The step's id.</param>
/// <param name="context">The migration so far, and the clock.</param>
/// <param name="request">How to prove it, and whether to do without a proof by pulling.</param>
/// <param name="gate">How the system is told.</param>
public sealed class AllowWritesStep(string id, StepContext context, AllowRequest request, IWriteGate gate) : IMigrationStep
{
    private const string Forced = "forced";

    /// <inheritdoc />
    public string Id => id;

    /// <inheritdoc />
    public string Action => StepActions.AllowWrites;

    /// <inheritdoc />
    public string Target => gate.Target;

    /// <inheritdoc />
    public async Task<JsonObject> CaptureAsync(CancellationToken cancellationToken)
    {
        var record = await gate.CaptureAsync(block: false, cancellationToken);
        if (Unproven() is not { } why)
            return record;
        if (!request.Force)
            throw Refused($"{why} Writes stay blocked until then; -Force allows them nevertheless.");
        record[Forced] = why;
        return record;
    }

    /// <inheritdoc />
    public async Task<StepResult> ApplyAsync(JsonObject before, CancellationToken cancellationToken)
    {
        var runs = await gate.SetAsync(before, block: false, cancellationToken);
        var push = await ProbeWait.RunAsync(context, gate, request.Probe, push => push.Ok, cancellationToken);
        if (!push.Ok)
            throw Refused($"The registry is no longer read-only, but that it takes and serves images is not proven: {push.Message} Run the same command again when the cause is gone; Set-RegistryReadOnly blocks writes again, and Undo-RegistryMigration goes back.");
        await gate.SettleAsync(before, cancellationToken);
        return new StepResult($"{runs}; {push.Registry} took {push.Reference} and served it", NoReturn: NoReturn(), Forced: (string?)before[Forced]);
    }

    private string? Unproven()
    {
        if (Switch() is not { } done)
            return null;
        if (done.State != MigrationStepState.Done)
            return $"The switch to {done.Target} has not ended. Run Switch-RegistryBackend again, or Undo-RegistryMigration.";
        var pull = context.Migration.Steps.Select(PullRecord.Read).LastOrDefault(pull => pull?.StartedAt >= done.Finished);
        return pull switch
        {
            { IsProof: true } => gate.MissingSince(done),
            { Images: > 0 } => FormattableString.Invariant($"{pull.Failed} of {pull.Images} images are not served from the new storage. Undo-RegistryMigration goes back to the old one, which is as it was; or mend the cause and run Test-RegistryPull with -Migration again."),
            _ => "No image was pulled from the new storage with proof since the switch. Run Test-RegistryPull with -Migration.",
        };
    }

    private string? NoReturn() => Switch() is not null
        ? FormattableString.Invariant($"The new storage takes writes since {context.Time.GetUtcNow():u}: to undo without loss, block them with Set-RegistryReadOnly, copy back with Sync-RegistryBlobs or, in the cluster, Start-RegistrySync -Source, and undo then.")
        : null;

    private MigrationStep? Switch() => context.Migration.Steps.LastOrDefault(step => step.Action == StepActions.SwitchBackend && step.State != MigrationStepState.Undone);

    private ClusterException Refused(string message) => new(ClusterErrorKind.Precondition, message) { Target = gate.Target };
}
