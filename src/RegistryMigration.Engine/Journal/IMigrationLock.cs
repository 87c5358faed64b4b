using RegistryMigration.Model;

namespace RegistryMigration.Engine.Journal;

/// <summary>Keeps everybody else from working on a migration until it is disposed.</summary>
public interface IMigrationLock : IAsyncDisposable
{
    /// <summary>Cancelled when it no longer does.</summary>
    CancellationToken Lost { get; }

    /// <summary>Who has it: this session.</summary>
    MigrationHolder Holder { get; }
}
