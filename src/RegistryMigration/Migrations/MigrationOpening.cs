using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Migrations;
using RegistryMigration.Commands.Migrations;
using RegistryMigration.Engine.Journal;
using RegistryMigration.Model;
using RegistryMigration.Pipeline;

namespace RegistryMigration.Migrations;

/// <summary>Opens a migration for cmdlets that may record what they did in one, and else have nothing to do with migrations.</summary>
internal static class MigrationOpening
{
    /// <summary>The migration, open and locked; null where none is given.</summary>
    /// <param name="migration">The migration.</param>
    /// <param name="session">The cluster that this session is connected to; used where the migration does not say its own.</param>
    /// <param name="time">The clock.</param>
    /// <param name="output">Where notices go.</param>
    /// <param name="cancellationToken">Ends the opening.</param>
    public static async Task<OpenMigration?> OpenAsync(MigrationReference? migration, RegistryCluster? session, TimeProvider time, ICommandOutput output, CancellationToken cancellationToken)
    {
        if (migration is null)
            return null;
        var given = migration.Migration;
        var path = given?.JournalPath ?? JournalPlaces.File(null, migration.Name);
        var known = await MigrationJournal.ReadAsync(path, time, cancellationToken) ?? given;
        var cluster = known is { Server: null } ? null : given?.Cluster ?? session;
        var client = cluster is null ? null : await KubernetesClients.ConnectAsync(cluster.Options, time, cancellationToken);
        MigrationRun? run = null;
        try
        {
            var who = MigrationSessions.Create(time, output);
            run = await MigrationRuns.OpenAsync(new MigrationPlace(migration.Name, path, given?.Namespace), client, who, cancellationToken);
            // Before hours of work that could not be recorded.
            run.RequireActive();
            return new OpenMigration(run, client);
        }
        catch
        {
            if (run is not null)
                await run.DisposeAsync();
            client?.Dispose();
            throw;
        }
    }
}
