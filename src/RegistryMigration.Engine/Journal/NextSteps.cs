using RegistryMigration.Model;

namespace RegistryMigration.Engine.Journal;

/// <summary>Says in words how a migration goes on, from what is recorded alone.</summary>
internal static class NextSteps
{
    /// <summary>The next step.</summary>
    public static string Of(RegistryMigrationInfo migration)
    {
        if (migration.State == MigrationState.Completed)
            return "Nothing: it is completed. Export-RegistryMigrationReport writes down what was done.";
        if (migration.State == MigrationState.Undone)
            return "Nothing: everything is as it was before. New-RegistryMigration starts anew.";
        if (RecurringStep.OpenOf(migration.Steps) is { } open)
        {
            return open.State == MigrationStepState.Failed
                ? $"Step {open.Id} failed: {open.Error} Remove the cause and run it again, or run Undo-RegistryMigration."
                : $"Step {open.Id} was started and did not end: run it again, or run Undo-RegistryMigration.";
        }

        if (migration.Passes.Count == 0)
            return "Copy a first time while the registry is in use: Sync-RegistryBlobs -Migration.";
        if (migration.Passes[^1] is { Kind: MigrationPassKind.Live } && migration.Window is { } window)
            return FormattableString.Invariant($"With writes blocked, the last pass will take about {Math.Ceiling(window.Duration.TotalMinutes):0} min. Block writes, or copy once more to shorten it.");
        if (migration.Passes[^1] is { Kind: MigrationPassKind.Live })
            return "Copy once more while the registry is in use; the time of the last pass can be told after that.";
        return "Go on with the next step of the procedure; Complete-RegistryMigration when the new storage has proven itself.";
    }
}
