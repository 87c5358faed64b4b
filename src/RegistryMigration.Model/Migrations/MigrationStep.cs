using System.Text.Json.Nodes;

namespace RegistryMigration.Model;

/// <summary>How far a step came.</summary>
public enum MigrationStepState
{
    /// <summary>What was there before is on record; the change may or may not have been made.</summary>
    Started,

    /// <summary>Made and proven.</summary>
    Done,

    /// <summary>Failed; the error says why. It may be run again, or undone.</summary>
    Failed,

    /// <summary>What was there before is there again.</summary>
    Undone,
}

/// <summary>One step of a migration as the journal has it: what was there, what was done, how it was proven.</summary>
public sealed record MigrationStep
{
    /// <summary>The step within its migration; stable, so that a second run of the same step finds it: <c>SetReadOnly</c>, <c>Pass-2</c>.</summary>
    public required string Id { get; init; }

    /// <summary>What kind of step; the key of its undo.</summary>
    public required string Action { get; init; }

    /// <summary>What it changes, for people.</summary>
    public required string Target { get; init; }

    /// <summary>How far it came.</summary>
    public required MigrationStepState State { get; init; }

    /// <summary>When it started first.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>When it reached <see cref="State"/>; null while started.</summary>
    public DateTimeOffset? Finished { get; init; }

    /// <summary>Who ran it last: user@machine.</summary>
    public required string By { get; init; }

    /// <summary>What was there before, with resource versions. Recorded before anything is changed, and never overwritten by a second run.</summary>
    public JsonObject? Before { get; init; }

    /// <summary>What is there since.</summary>
    public JsonObject? After { get; init; }

    /// <summary>How it was proven.</summary>
    public string? Proof { get; init; }

    /// <summary>Why it failed.</summary>
    public string? Error { get; init; }

    /// <summary>What <c>-Force</c> overrode; null where nothing was.</summary>
    public string? Forced { get; init; }

    /// <summary>Why this and what came before can't be undone without loss any more; null while it can.</summary>
    public string? NoReturn { get; init; }
}
