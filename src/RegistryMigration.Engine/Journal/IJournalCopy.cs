namespace RegistryMigration.Engine.Journal;

/// <summary>A second place of a journal, beside the registry, so that the migration can go on from another machine.</summary>
public interface IJournalCopy
{
    /// <summary>Where it is, for messages.</summary>
    string Place { get; }

    /// <summary>The most bytes that it holds, all lines and the chain together.</summary>
    int Capacity { get; }

    /// <summary>What it holds; null where there is none yet.</summary>
    Task<JournalSnapshot?> ReadAsync(CancellationToken cancellationToken);

    /// <summary>Replaces what it holds, unless somebody else did since it was read or written here.</summary>
    /// <remarks>Waits out what passes within the session's patience.</remarks>
    Task WriteAsync(JournalSnapshot snapshot, CancellationToken cancellationToken);
}
