using RegistryMigration.Model;

namespace RegistryMigration.Engine.Journal;

/// <summary>What must be on record before a registry may use another storage: writes proven blocked, then a pass that found nothing to do, then a clean audit.</summary>
public static class CutOverGate
{
    /// <summary>What is missing, each with the next step; empty when the cut-over loses nothing.</summary>
    /// <param name="migration">The migration.</param>
    /// <param name="destination">The storage to switch to, in words.</param>
    /// <param name="isDestination">Whether a pass filled that storage, from the one in use.</param>
    public static IReadOnlyList<string> Missing(RegistryMigrationInfo migration, string destination, Func<MigrationPass, bool> isDestination)
    {
        ArgumentNullException.ThrowIfNull(migration);
        ArgumentNullException.ThrowIfNull(isDestination);
        if (BlockOf(migration.Steps) is not { } block || WriteBlockRecord.TimeOf(block) is not { } blocked)
            return ["writes are not proven to be blocked by a refused push in this migration: run Set-RegistryReadOnly"];
        var pass = migration.Passes.LastOrDefault(pass => !pass.IsOntoItself && isDestination(pass));
        if (pass is null || pass.StartedAt < Whole(blocked))
            return [$"no pass to {destination} began after writes were blocked: run Sync-RegistryBlobs with -Migration"];
        var missing = new List<string>();
        if (!pass.IsProofOfSameness)
            missing.Add(FormattableString.Invariant($"the last pass (number {pass.Number}) {Blame(pass)}"));
        var audit = migration.Steps.Select(AuditRecord.Read).LastOrDefault(audit => audit?.Store == pass.Destination);
        if (audit is null || audit.StartedAt < Whole(pass.StartedAt + pass.Duration))
            missing.Add($"no audit of {pass.Destination} began after the last pass: run Test-RegistryStore with -Migration");
        else if (audit.IsPartial)
            missing.Add($"the last audit of {audit.Store} looked at a part only: run Test-RegistryStore without -Repository");
        else if (audit.Defects > 0)
            missing.Add(FormattableString.Invariant($"the last audit of {audit.Store} found {audit.Defects} defects: its result says what to do about each"));
        return missing;
    }

    /// <summary>The step that blocked writes with proof, where they have stayed blocked as far as the journal knows; null where they are not.</summary>
    public static MigrationStep? BlockOf(IReadOnlyList<MigrationStep> steps)
    {
        ArgumentNullException.ThrowIfNull(steps);
        // Also a step that failed or was cut may have allowed writes.
        var last = steps.LastOrDefault(step => step.Action is StepActions.BlockWrites or StepActions.AllowWrites && step.State != MigrationStepState.Undone);
        return last is { Action: StepActions.BlockWrites, State: MigrationStepState.Done } ? last : null;
    }

    // Jobs tell their times in whole seconds.
    private static DateTimeOffset Whole(DateTimeOffset time) => time - TimeSpan.FromTicks(time.Ticks % TimeSpan.TicksPerSecond);

    private static string Blame(MigrationPass pass) => pass switch
    {
        { IsPartial: true } => "saw a part of the source only: run Sync-RegistryBlobs without -Repository, -Tag and -NewestTags",
        { Deferred: > 0 } => FormattableString.Invariant($"left {pass.Deferred} links for the next one: run Sync-RegistryBlobs again"),
        { IsWhole: false } => FormattableString.Invariant($"ended as {pass.Status} with {pass.Failed} entries failed: run Sync-RegistryBlobs again"),
        _ => FormattableString.Invariant($"still copied {pass.Copied} entries: run Sync-RegistryBlobs once more, since a pass that copies nothing is the proof"),
    };
}
