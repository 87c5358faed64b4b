using RegistryMigration.Model;

namespace RegistryMigration.Engine.Journal;

/// <summary>What must be on record before a registry may use another storage: writes proven blocked, then a pass that found nothing to do, then a clean audit.</summary>
public static class CutOverGate
{
    /// <summary>What is missing, each with the next step; empty when the cut-over loses nothing.</summary>
    /// <param name="steps">The steps so far, in order.</param>
    /// <param name="destination">The address of the storage to switch to; null where it has none that passes name (a claim): the last pass's destination is meant.</param>
    public static IReadOnlyList<string> Missing(IReadOnlyList<MigrationStep> steps, string? destination)
    {
        ArgumentNullException.ThrowIfNull(steps);
        var blocked = BlockedAt(steps);
        if (blocked < 0)
            return ["Writes are not proven to be blocked by a refused push in this migration. Run Set-RegistryReadOnly."];
        var missing = new List<string>();
        var passed = LastPass(steps, blocked, destination);
        if (passed < 0)
            missing.Add($"No pass{(destination is null ? "" : $" to {destination}")} ran since writes were blocked. Run Sync-RegistryBlobs with -Migration.");
        else if (PassRecord.Read(steps[passed])! is { CopiedNothing: false } pass)
            missing.Add($"The last pass ({steps[passed].Id}) {Blame(pass)}");
        var audited = LastAudit(steps, Math.Max(passed, blocked), destination ?? (passed < 0 ? null : PassRecord.Read(steps[passed])!.Destination));
        if (audited < 0)
            missing.Add("No audit of the destination ran since the last pass. Run Test-RegistryStore with -Migration.");
        else if (AuditRecord.Read(steps[audited])! is { IsClean: false } audit)
            missing.Add(audit.IsPartial ? $"The last audit ({steps[audited].Id}) looked at a part only. Run Test-RegistryStore without -Repository." : FormattableString.Invariant($"The last audit ({steps[audited].Id}) found {audit.Defects} defects. See its result; sync again what was broken by the copy."));
        return missing;
    }

    /// <summary>Where writes were proven to be blocked and have stayed so, as far as the journal knows; -1 where they are not.</summary>
    internal static int BlockedAt(IReadOnlyList<MigrationStep> steps)
    {
        for (var i = steps.Count - 1; i >= 0; i--)
        {
            // Also a step that failed or was cut may have allowed writes.
            if (steps[i].Action == StepActions.AllowWrites && steps[i].State != MigrationStepState.Undone)
                return -1;
            if (steps[i].Action == StepActions.BlockWrites)
                return steps[i] is { State: MigrationStepState.Done } step && WriteBlockRecord.IsIn(step) ? i : -1;
        }

        return -1;
    }

    /// <summary>Whether what a recorded step tells of began after another step was finished.</summary>
    /// <remarks>Both by the order in the journal, and by time: a copy that runs elsewhere is recorded when it has ended. Jobs tell their times in whole seconds.</remarks>
    internal static bool IsAfter(IReadOnlyList<MigrationStep> steps, int index, int earlier) =>
        index > earlier && (steps[earlier].Finished is not { } finished || steps[index].Started >= finished - TimeSpan.FromSeconds(1));

    private static int LastPass(IReadOnlyList<MigrationStep> steps, int after, string? destination)
    {
        for (var i = steps.Count - 1; i > after; i--)
        {
            if (PassRecord.Read(steps[i]) is { } pass && (destination is null || pass.Destination == destination))
                return IsAfter(steps, i, after) ? i : -1;
        }

        return -1;
    }

    private static int LastAudit(IReadOnlyList<MigrationStep> steps, int after, string? destination)
    {
        for (var i = steps.Count - 1; i > after; i--)
        {
            if (AuditRecord.Read(steps[i]) is { } audit && (destination is null || audit.Store == destination))
                return IsAfter(steps, i, after) ? i : -1;
        }

        return -1;
    }

    private static string Blame(PassRecord pass) => pass switch
    {
        { IsPartial: true } => "saw a part of the source only. Run Sync-RegistryBlobs without -Repository, -Tag and -NewestTags.",
        { Status: SyncStatus.CompletedWithDefects } => FormattableString.Invariant($"met {pass.Defects} defects at the source. What is broken there was broken before; say with -Force that it may stay so."),
        { Status: not SyncStatus.Completed } or { Failed: > 0 } => FormattableString.Invariant($"ended as {pass.Status} with {pass.Failed} entries failed. Run Sync-RegistryBlobs again."),
        { Deferred: > 0 } => FormattableString.Invariant($"left {pass.Deferred} links for the next one. Run Sync-RegistryBlobs again."),
        _ => FormattableString.Invariant($"still copied {pass.Copied} entries. Run Sync-RegistryBlobs once more: a pass that copies nothing is the proof."),
    };
}
