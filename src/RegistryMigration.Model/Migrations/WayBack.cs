namespace RegistryMigration.Model;

/// <summary>Whether what the new storage took has been copied back, so that an undo loses nothing after all.</summary>
internal static class WayBack
{
    /// <summary>Why an undo is not lossless because of a step; null where it is. A step that was cut or failed may have allowed writes.</summary>
    public static string? ReasonOf(MigrationStep step, IReadOnlyList<MigrationStep> steps) => step switch
    {
        { State: MigrationStepState.Undone } => null,
        { NoReturn: { } reason } => reason,
        { Action: StepActions.AllowWrites, State: not MigrationStepState.Done } when steps.Any(other => other is { Action: StepActions.SwitchBackend, State: not MigrationStepState.Undone }) =>
            FormattableString.Invariant($"The new storage may have taken writes since {step.Started:u}, when a step began to allow them and did not end. Block writes and copy back first."),
        _ => null,
    };

    /// <summary>
    /// Whether a step that made the undo lossy no longer does: writes are blocked again (proven by a refused push, as every such step is
    /// before it is done), and since then everything was copied from the new storage to where it came from.
    /// </summary>
    public static bool IsClear(MigrationStep step, IReadOnlyList<MigrationStep> steps, IReadOnlyList<MigrationPass> passes) =>
        step.Action is StepActions.AllowWrites or StepActions.RemoveVolume
        && BlockedAt(steps) is { } blocked
        && passes.Any(pass => pass.IsWhole && pass.StartedAt >= blocked && pass.StartedAt >= (step.Finished ?? step.Started)
            && passes.Any(forward => forward.Source == pass.Destination && forward.Destination == pass.Source));

    private static DateTimeOffset? BlockedAt(IReadOnlyList<MigrationStep> steps) =>
        steps.LastOrDefault(step => step.Action is StepActions.AllowWrites or StepActions.BlockWrites && step.State != MigrationStepState.Undone)
            is { Action: StepActions.BlockWrites, State: MigrationStepState.Done } last ? last.Finished : null;
}
