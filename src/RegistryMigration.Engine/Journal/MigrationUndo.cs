using RegistryMigration.Model;

namespace RegistryMigration.Engine.Journal;

/// <summary>Undoes a migration, or its last steps, in reverse order.</summary>
public static class MigrationUndo
{
    /// <summary>What an undo would do.</summary>
    /// <param name="migration">The migration.</param>
    /// <param name="undos">What knows how to undo, by action.</param>
    /// <param name="to">The last step that stays; null undoes all.</param>
    /// <exception cref="ClusterException"><see cref="ClusterErrorKind.NotFound"/>: there is no such step.</exception>
    public static UndoPlan Plan(RegistryMigrationInfo migration, IReadOnlyDictionary<string, IStepUndo> undos, string? to = null)
    {
        ArgumentNullException.ThrowIfNull(migration);
        ArgumentNullException.ThrowIfNull(undos);
        var first = 0;
        if (to is not null)
        {
            first = migration.Steps.ToList().FindIndex(step => step.Id == to) + 1;
            if (first == 0)
                throw new ClusterException(ClusterErrorKind.NotFound, $"Migration {migration} has no step '{to}'. Its steps: {string.Join(", ", migration.Steps.Select(step => step.Id))}.");
        }

        // What was only recorded (an audit, a proof) changed nothing.
        var steps = migration.Steps.Skip(first).Where(step => step is { Before: not null, State: not MigrationStepState.Undone }).Reverse().ToList();
        return new UndoPlan(
            [.. steps.Select(step => new UndoItem(step, undos.GetValueOrDefault(step.Action)))],
            migration.Steps.Skip(first).Select(step => WayBack.LossOf(step, migration)).LastOrDefault(loss => loss is not null));
    }

    /// <summary>Undoes what a plan names; stops at the first failure, after which it can be planned and run again.</summary>
    /// <param name="run">The migration, open.</param>
    /// <param name="undos">What knows how to undo, by action.</param>
    /// <param name="to">The last step that stays; null undoes all.</param>
    /// <param name="force">Undo also where something is lost by it; recorded.</param>
    /// <param name="cancellationToken">Stops between and within steps.</param>
    /// <returns>Each step as it was undone.</returns>
    public static async IAsyncEnumerable<MigrationStep> RunAsync(MigrationRun run, IReadOnlyDictionary<string, IStepUndo> undos, string? to, bool force,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        var plan = Plan(run.Info, undos, to);
        plan.Require();
        if (plan.Loss is { } loss && !force)
            throw new ClusterException(ClusterErrorKind.Precondition, run.Info.State == MigrationState.Completed
                ? $"The undo would lose something: {loss} The migration is completed, so that nothing is copied back in it any more: go back with a migration of its own from the new storage to the old one (New-RegistryMigration), or undo with -Force, which is recorded. Nothing was undone."
                : $"The undo would lose something: {loss} Save that first, or undo with -Force, which is recorded. Nothing was undone.");
        foreach (var (step, undo) in plan.Items)
            yield return await run.UndoAsync(step, undo!, plan.Loss is { } lost ? $"Undone with a loss: {lost}" : null, cancellationToken);
    }
}

/// <summary>What an undo would do.</summary>
/// <param name="Items">The steps, in the order in which they are undone.</param>
/// <param name="Loss">Why something is lost by it; null where nothing is.</param>
public sealed record UndoPlan(IReadOnlyList<UndoItem> Items, string? Loss)
{
    /// <summary>Why it is refused, in words with the next step: better nothing undone than half of it. Null where nothing is in its way.</summary>
    public string? Obstacle => Items.Select(item => item.Undo is null
        ? $"This version of the module does not know how to undo step {item.Step.Id} ({item.Step.Action}). Use the version that ran it, or a newer one."
        : item.Undo.ObstacleOf(item.Step)).FirstOrDefault(obstacle => obstacle is not null);

    /// <summary>Refuses it where something is in its way.</summary>
    /// <exception cref="ClusterException"><see cref="ClusterErrorKind.Precondition"/>.</exception>
    public void Require()
    {
        if (Obstacle is { } obstacle)
            throw new ClusterException(ClusterErrorKind.Precondition, $"{obstacle} Nothing was undone.");
    }
}

/// <summary>One step that would be undone.</summary>
/// <param name="Step">The step.</param>
/// <param name="Undo">What undoes it; null where this version knows nothing that does.</param>
public sealed record UndoItem(MigrationStep Step, IStepUndo? Undo)
{
    /// <summary>What would be restored, in words.</summary>
    public string Description => Undo?.Describe(Step) ?? $"{Step.Target}: this version does not know how to undo a {Step.Action}";
}
