using RegistryMigration.Model;

namespace RegistryMigration.Engine.Journal;

/// <summary>What must be on record before the old storage may be deleted: the cut-over, a proof by pulling since, and some days in which nobody missed anything.</summary>
public static class RemovalGate
{
    /// <summary>What is missing, each with the next step; empty when the old storage may go.</summary>
    /// <param name="migration">The migration.</param>
    /// <param name="hold">How long the new storage has to be in use before.</param>
    /// <param name="now">The time.</param>
    public static IReadOnlyList<string> Missing(RegistryMigrationInfo migration, TimeSpan hold, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(migration);
        if (SwitchOf(migration.Steps)?.Finished is not { } switched)
            return ["the registry was not switched to another storage in this migration: run Switch-RegistryBackend"];
        var missing = new List<string>();
        var pull = migration.Steps.Select(PullRecord.Read).LastOrDefault(pull => pull?.StartedAt >= switched);
        if (pull is null)
            missing.Add("no image was pulled from the new storage with proof since the switch: run Test-RegistryPull with -Migration");
        else if (!pull.IsProof)
            missing.Add(FormattableString.Invariant($"the last proof by pulling failed for {pull.Failed} of {pull.Images} images: look at its result"));
        if (now - switched < hold)
            missing.Add(FormattableString.Invariant($"the hold period of {hold.TotalDays:0.##} days ends at {switched + hold:u}: come back then"));
        return missing;
    }

    /// <summary>The cut-over that stands; null where there is none.</summary>
    public static MigrationStep? SwitchOf(IReadOnlyList<MigrationStep> steps)
    {
        ArgumentNullException.ThrowIfNull(steps);
        return steps.LastOrDefault(step => step.Action == StepActions.SwitchBackend && step.State != MigrationStepState.Undone) is { State: MigrationStepState.Done } done ? done : null;
    }
}
