using System.Text.Json.Nodes;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Journal;

/// <summary>A change that a migration makes: recorded before it is made, safe to run again, and undone from what was recorded.</summary>
public interface IMigrationStep
{
    /// <summary>The step within its migration; stable over runs.</summary>
    string Id { get; }

    /// <summary>What kind of step; names the undo. Never changes, since journals hold it.</summary>
    string Action { get; }

    /// <summary>What it changes, for people.</summary>
    string Target { get; }

    /// <summary>Checks what must hold, and reads what the undo will need. Changes nothing. Not called again for a step that was started before.</summary>
    /// <exception cref="ClusterException">A precondition does not hold; nothing was changed and nothing is recorded.</exception>
    Task<JsonObject> CaptureAsync(CancellationToken cancellationToken);

    /// <summary>Tries what the change will rest on; what is written for that is taken away again. Before anything is recorded, so that the same step can be run with other values; not for a mere look (<c>-WhatIf</c>).</summary>
    /// <param name="before">What <see cref="CaptureAsync"/> found.</param>
    /// <param name="cancellationToken">Ends the trial.</param>
    /// <exception cref="ClusterException">It does not hold; nothing was changed and nothing is recorded.</exception>
    Task TryAsync(JsonObject before, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Makes the change and proves it. Runs again after a crash at any point, so it looks first at what is there.</summary>
    /// <param name="before">What <see cref="CaptureAsync"/> recorded, in this run or an earlier one.</param>
    /// <param name="cancellationToken">Ends the wait; what was changed stays changed, and the step stays started.</param>
    Task<StepResult> ApplyAsync(JsonObject before, CancellationToken cancellationToken);
}

/// <summary>What a step reached.</summary>
/// <param name="Proof">How it was proven, in words.</param>
/// <param name="After">What is there now, for the report and for a careful undo.</param>
/// <param name="NoReturn">Why nothing up to here can be undone without loss any more; null while it can.</param>
/// <param name="Forced">What <c>-Force</c> overrode.</param>
public sealed record StepResult(string Proof, JsonObject? After = null, string? NoReturn = null, string? Forced = null);

/// <summary>Brings back what a kind of step changed.</summary>
public interface IStepUndo
{
    /// <summary>The kind of step that this undoes.</summary>
    string Action { get; }

    /// <summary>What an undo would restore, for <c>-WhatIf</c>: the target, and the values that come back.</summary>
    string Describe(MigrationStep step) => $"{step?.Target}: {step?.Before?.ToJsonString() ?? "nothing recorded"}";

    /// <summary>What is missing to undo it, in words with the next step, as far as that is known before anything is undone; null where nothing is.</summary>
    string? ObstacleOf(MigrationStep step) => null;

    /// <summary>Restores exactly what was recorded, from whatever state the step was left in. Runs again after a crash at any point.</summary>
    /// <returns>What was restored and how it was proven.</returns>
    Task<string> UndoAsync(MigrationStep step, CancellationToken cancellationToken);
}
