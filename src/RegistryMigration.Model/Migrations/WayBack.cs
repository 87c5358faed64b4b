using System.Text.Json.Nodes;

namespace RegistryMigration.Model;

/// <summary>Whether what the new storage took has been copied back, so that an undo loses nothing after all.</summary>
public static class WayBack
{
    /// <summary>
    /// The field of a step that blocked writes which names the step before it whose undo brings read-only back: the one that allowed them, or blocked them (and
    /// somebody allowed them by hand since), or switched while they were open. Its own undo leaves them blocked until that one is undone.
    /// </summary>
    public const string Follows = "follows";

    /// <summary>Why an undo of a step loses something; null where it does not.</summary>
    public static string? LossOf(MigrationStep step, RegistryMigrationInfo migration)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(migration);
        return IsClear(step, migration.Steps, migration.Passes) ? null : ReasonOf(step, migration.Steps);
    }

    /// <summary>Whether the registry was read-only before a step, as that recorded it.</summary>
    public static bool WasReadOnly(JsonObject before) => before?["spec"] is JsonObject spec && spec["readOnly"] is JsonValue value && value.TryGetValue<bool>(out var readOnly) && readOnly;

    /// <summary>Records whether the registry is read-only before a step, for systems whose record has no such field of its own.</summary>
    public static void SetReadOnly(JsonObject before, bool readOnly)
    {
        ArgumentNullException.ThrowIfNull(before);
        if (before["spec"] is not JsonObject spec)
            before["spec"] = spec = [];
        spec["readOnly"] = readOnly;
    }

    /// <summary>Whether everything was copied to where it came from by a pass that began no earlier than a time.</summary>
    public static bool WasCopiedBack(IReadOnlyList<MigrationPass> passes, DateTimeOffset since) =>
        passes.Any(pass => pass is { IsWhole: true, IsOntoItself: false } && pass.StartedAt >= since && passes.Any(pass.IsOppositeOf));

    // A step that was cut or failed may have allowed writes.
    private static string? ReasonOf(MigrationStep step, IReadOnlyList<MigrationStep> steps) => step switch
    {
        { State: MigrationStepState.Undone } => null,
        { NoReturn: { } reason } => reason,
        { Action: StepActions.AllowWrites, State: not MigrationStepState.Done } when steps.Any(other => other is { Action: StepActions.SwitchBackend, State: not MigrationStepState.Undone }) =>
            FormattableString.Invariant($"The new storage may have taken writes since {step.Started:u}, when a step began to allow them and did not end. Block writes and copy back first."),
        { Action: StepActions.RemoveVolume, State: not MigrationStepState.Done } =>
            FormattableString.Invariant($"The old volume may have been deleted since {step.Started:u}, when a step began to and did not end. Block writes and copy back first."),
        { Action: StepActions.BlockWrites, Before: { } before } when TookWritesByHand(step, before, steps) =>
            FormattableString.Invariant($"Somebody else had made the registry writable before {step.Started:u}, so the new storage may have taken writes. Copy back first."),
        // Forced: the interlock wants it read-only.
        { Action: StepActions.SwitchBackend, Before: { } before } when !WasReadOnly(before) =>
            FormattableString.Invariant($"The registry took writes when it was switched at {step.Started:u}, and the new storage may have taken some. Block writes and copy back first."),
        _ => null,
    };

    // Where a step of this migration allowed them, that step says so itself.
    private static bool TookWritesByHand(MigrationStep step, JsonObject before, IReadOnlyList<MigrationStep> steps) =>
        !WasReadOnly(before)
        && steps.Any(other => other.Action == StepActions.BlockWrites && other.Id == (string?)before[Follows])
        && steps.TakeWhile(other => other.Id != step.Id).Any(other => other is { Action: StepActions.SwitchBackend, State: not MigrationStepState.Undone });

    // Writes are blocked again, proven by a refused push, and since then everything was copied from the new storage to where it came from.
    private static bool IsClear(MigrationStep step, IReadOnlyList<MigrationStep> steps, IReadOnlyList<MigrationPass> passes) =>
        step.Action is StepActions.AllowWrites or StepActions.BlockWrites or StepActions.SwitchBackend or StepActions.RemoveVolume
        && BlockedAt(steps) is { } blocked
        && WasCopiedBack(passes, blocked > (step.Finished ?? step.Started) ? blocked : step.Finished ?? step.Started);

    private static DateTimeOffset? BlockedAt(IReadOnlyList<MigrationStep> steps) =>
        steps.LastOrDefault(step => step switch
        {
            { Action: StepActions.AllowWrites } => step.State != MigrationStepState.Undone,
            // One that followed writes is undone without opening anything, so it still holds when an undo was cut behind it.
            { Action: StepActions.BlockWrites } => step.State == MigrationStepState.Done || step.Before?.ContainsKey(Follows) == true,
            _ => false,
        }) is { Action: StepActions.BlockWrites } last ? WriteBlockRecord.TimeOf(last) : null;
}
