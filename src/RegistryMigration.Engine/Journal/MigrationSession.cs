namespace RegistryMigration.Engine.Journal;

/// <summary>Who works on a migration, from where, and by which clock.</summary>
public sealed record MigrationSession
{
    /// <summary>The account.</summary>
    public required string User { get; init; }

    /// <summary>The machine.</summary>
    public required string Machine { get; init; }

    /// <summary>The process; tells two sessions of the same account apart.</summary>
    public int ProcessId { get; init; }

    /// <summary>The module's version, for the record.</summary>
    public required string ModuleVersion { get; init; }

    /// <summary>The clock.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>How long the lock in a cluster holds without being renewed. It is renewed three times as often.</summary>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a record may wait for a cluster that can't be reached at the moment.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Told in words what somebody should see: a torn record, a lock that is waited for.</summary>
    public IProgress<string>? Notices { get; init; }

    /// <summary>Told in words what is of interest only to those who ask: a step that was done already.</summary>
    public IProgress<string>? Details { get; init; }

    /// <summary>user@machine, as records have it.</summary>
    public string Actor => $"{User}@{Machine}";

    /// <summary>user@machine and the process, as locks have it.</summary>
    public string Holder => FormattableString.Invariant($"{User}@{Machine} {ProcessId}");
}
