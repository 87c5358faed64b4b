using System.Globalization;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Journal;

/// <summary>Names steps that a migration may need more than once: writes are blocked, allowed, and on the way back blocked again.</summary>
public static class RecurringStep
{
    /// <summary>The id under which to run a step: that of the step that still stands (or was not finished), else a new one.</summary>
    /// <param name="steps">The steps so far, in order.</param>
    /// <param name="action">The kind of step.</param>
    /// <param name="opposite">The kind of step that takes it back; null where there is none.</param>
    /// <param name="holds">Whether what the step does is so now; where a finished one no longer holds, somebody else took it back, and it has to be done anew.</param>
    public static string IdOf(IReadOnlyList<MigrationStep> steps, string action, string? opposite = null, bool holds = true)
    {
        ArgumentNullException.ThrowIfNull(steps);
        var last = steps.LastOrDefault(step => step.Action == action || step.Action == opposite);
        var stands = last is not null && last.Action == action && last.State != MigrationStepState.Undone && (holds || last.State != MigrationStepState.Done);
        return stands ? last!.Id : NextId(steps, action);
    }

    /// <summary>The id for a record of something that was found out: one that failed is replaced by the next try.</summary>
    public static string IdOfRecord(IReadOnlyList<MigrationStep> steps, string action)
    {
        ArgumentNullException.ThrowIfNull(steps);
        return steps.LastOrDefault(step => step.Action == action) is { State: MigrationStepState.Failed } failed ? failed.Id : NextId(steps, action);
    }

    /// <summary>An id that no step has: the action, and from the second on its number.</summary>
    public static string NextId(IReadOnlyList<MigrationStep> steps, string action)
    {
        ArgumentNullException.ThrowIfNull(steps);
        var count = steps.Count(step => step.Action == action);
        return count == 0 ? action : string.Create(CultureInfo.InvariantCulture, $"{action}-{count + 1}");
    }
}
