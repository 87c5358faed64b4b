using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Engine.Journal;

namespace RegistryMigration.Clusters.Migrations;

/// <summary>The locks of a migration: the journal's on this machine, and the lease in its cluster.</summary>
internal sealed class MigrationLocks : IAsyncDisposable
{
    private List<IMigrationLock> _held = [];

    private MigrationLocks()
    {
    }

    /// <summary>Takes both, or none.</summary>
    public static async Task<MigrationLocks> TakeAsync(string name, string journalPath, IKubernetesClient? client, string? @namespace, MigrationSession session, CancellationToken cancellationToken)
    {
        var locks = new MigrationLocks();
        try
        {
            var file = await FileLock.TakeAsync(journalPath, session, cancellationToken);
            locks._held.Add(file);
            if (client is not null && @namespace is not null)
                locks._held.Add(await LeaseLock.TakeAsync(client, @namespace, name, file, session, cancellationToken));
            return locks;
        }
        catch
        {
            await locks.DisposeAsync();
            throw;
        }
    }

    /// <summary>Hands them over: who gets them frees them.</summary>
    public IReadOnlyList<IMigrationLock> Release()
    {
        var held = _held;
        _held = [];
        return held;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        foreach (var held in Enumerable.Reverse(Release()))
            await held.DisposeAsync();
    }
}
