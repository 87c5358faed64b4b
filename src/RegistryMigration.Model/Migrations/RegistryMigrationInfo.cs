namespace RegistryMigration.Model;

/// <summary>Where a migration stands as a whole.</summary>
public enum MigrationState
{
    /// <summary>Under way.</summary>
    Active,

    /// <summary>Ended by <c>Complete-RegistryMigration</c>: no step runs any more.</summary>
    Completed,

    /// <summary>Every step that changed something was undone.</summary>
    Undone,
}

/// <summary>A migration: what moves from where to where, what was done so far, and whether it can still be undone without loss.</summary>
public sealed record RegistryMigrationInfo
{
    /// <summary>Its name; unique within a folder of journals and within a namespace.</summary>
    public required string Name { get; init; }

    /// <summary>Tells it from every other one, also from one of the same name.</summary>
    public required string Id { get; init; }

    /// <summary>What is migrated: <c>OpenShift</c>, <c>Quay</c>, <c>Harbor</c>, …</summary>
    public required string System { get; init; }

    /// <summary>The API server of the cluster that the registry runs in; null where it runs in none.</summary>
    public Uri? Server { get; init; }

    /// <summary>The namespace that holds the copy of the journal; null without a cluster.</summary>
    public string? Namespace { get; init; }

    /// <summary>Which registry of the namespace, where the system has several (the QuayRegistry's name); null where there is only one.</summary>
    public string? Instance { get; init; }

    /// <summary>The registry's configuration file, where it runs in no cluster.</summary>
    public string? ConfigurationPath { get; init; }

    /// <summary>The address of the old storage; no secrets.</summary>
    public string? Source { get; init; }

    /// <summary>The address of the new storage; no secrets.</summary>
    public string? Destination { get; init; }

    /// <summary>When it was made (UTC).</summary>
    public DateTimeOffset Created { get; init; }

    /// <summary>Who made it: user@machine.</summary>
    public string CreatedBy { get; init; } = "";

    /// <summary>The version of the module that made it.</summary>
    public string ModuleVersion { get; init; } = "";

    /// <summary>Where it stands.</summary>
    public MigrationState State { get; init; }

    /// <summary>The steps, in the order in which they were started first.</summary>
    public IReadOnlyList<MigrationStep> Steps { get; init; } = [];

    /// <summary>The passes, oldest first.</summary>
    public IReadOnlyList<MigrationPass> Passes { get; init; } = [];

    /// <summary>The journal on this machine; null where only the cluster has one.</summary>
    public string? JournalPath { get; init; }

    /// <summary>Records in the journal so far; the higher of two copies is the newer one.</summary>
    public long Sequence { get; init; }

    /// <summary>Who works on it now; null where nobody does, or where it can't be told.</summary>
    public MigrationHolder? Holder { get; init; }

    /// <summary>How long the pass with writes blocked will take; null before there are passes to tell from.</summary>
    public WindowPrediction? Window { get; init; }

    /// <summary>What to do next, in words.</summary>
    public string NextStep { get; init; } = "";

    /// <summary>The cluster it was read from, so that it can be reached again; null where it came from disk.</summary>
    public RegistryCluster? Cluster { get; init; }

    /// <summary>Why it can't be undone as a whole without loss; null while it can.</summary>
    /// <remarks>Writes to the new storage that were copied back while it was read-only again are no loss any more.</remarks>
    public string? NoReturn => Steps.Select(step => WayBack.LossOf(step, this)).LastOrDefault(reason => reason is not null);

    /// <summary>Whether an undo brings back exactly what was there.</summary>
    public bool IsUndoLossless => NoReturn is null;

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}

/// <summary>Who works on a migration.</summary>
/// <param name="Name">user@machine and the process.</param>
/// <param name="Since">Since when; null where the lock does not say.</param>
/// <param name="Until">Until when, if it is not renewed; null for the lock of a file, which ends with its process.</param>
public sealed record MigrationHolder(string Name, DateTimeOffset? Since, DateTimeOffset? Until)
{
    /// <summary>The name.</summary>
    public override string ToString() => Name;
}

/// <summary>How long writes will be blocked for the last pass.</summary>
/// <param name="Duration">Listing and copying together.</param>
/// <param name="Listing">The time to compare both sides.</param>
/// <param name="Bytes">Bytes expected to have changed since the last live pass.</param>
/// <param name="BytesPerSecond">The rate at which they will be copied.</param>
/// <param name="Basis">How this was computed, in words.</param>
public sealed record WindowPrediction(TimeSpan Duration, TimeSpan Listing, long Bytes, double BytesPerSecond, string Basis);
