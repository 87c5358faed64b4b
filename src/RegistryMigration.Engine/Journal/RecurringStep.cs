using System.Globalization;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Journal;

/// <summary>Names steps that a migration may need more than once: writes are blocked, allowed, and on the way back blocked again.</summary>
public static class RecurringStep
{
    /// <summary>The id under which to run a step: that of the step that still stands (or was not finished), else a new one.</summary>
    /// <param name="steps">The steps so far, in order.</param>
    /// <param name="action">The kind of step.</param>
    /// <param name="holds">Whether what the step does is so now; where a finished one no longer holds, somebody else took it back, and it has to be done anew.</param>
    public static string IdOf(IReadOnlyList<MigrationStep> steps, string action, bool holds = true)
    {
        ArgumentNullException.ThrowIfNull(steps);
        var last = steps.LastOrDefault(step => IsAbout(action, step));
        var stands = last is not null && last.Action == action && last.State != MigrationStepState.Undone && (holds || last.State != MigrationStepState.Done);
        return stands ? last!.Id : NextId(steps, action);
    }

    /// <summary>The first step that was begun or failed and has to be run again or undone; null where there is none.</summary>
    /// <remarks>
    /// One that was followed by the same step anew, or by its opposite, and these ended, decides nothing any more: an undo that was cut while it undid
    /// BlockWrites and was gone forward from leaves it begun, and AllowWrites-2 done.
    /// </remarks>
    /// <param name="steps">The steps so far, in order.</param>
    public static MigrationStep? OpenOf(IReadOnlyList<MigrationStep> steps)
    {
        ArgumentNullException.ThrowIfNull(steps);
        return steps.Where((step, index) => step.State is MigrationStepState.Started or MigrationStepState.Failed
            && !steps.Skip(index + 1).Any(later => later.State == MigrationStepState.Done && IsAbout(step.Action, later))).FirstOrDefault();
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

    // The step itself, or the one that takes it back.
    private static bool IsAbout(string action, MigrationStep step) => step.Action == action || step.Action == action switch
    {
        StepActions.SuspendPruner => StepActions.ResumePruner,
        StepActions.ResumePruner => StepActions.SuspendPruner,
        StepActions.BlockWrites => StepActions.AllowWrites,
        StepActions.AllowWrites => StepActions.BlockWrites,
        _ => action,
    };
}
