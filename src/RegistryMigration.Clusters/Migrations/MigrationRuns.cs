using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Engine.Journal;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Migrations;

/// <summary>Makes migrations, opens them to work on, and reads them.</summary>
public static class MigrationRuns
{
    /// <summary>Makes a migration.</summary>
    /// <exception cref="ClusterException"><see cref="ClusterErrorKind.Precondition"/>: there is one of that name that has not ended.</exception>
    public static Task<RegistryMigrationInfo> CreateAsync(NewMigration migration, IKubernetesClient? client, MigrationSession session, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    /// <summary>Opens a migration to work on it; nobody else can until the run is disposed.</summary>
    /// <param name="place">Where its journal is. What the cluster has newer, or this machine does not have, is written there first.</param>
    /// <param name="client">The cluster; null where the migration has none.</param>
    /// <param name="session">Who opens it.</param>
    /// <param name="cancellationToken">Ends the opening.</param>
    /// <exception cref="ClusterException">
    /// <see cref="ClusterErrorKind.NotFound"/>; <see cref="ClusterErrorKind.Locked"/> with the name of who works on it;
    /// <see cref="ClusterErrorKind.Conflict"/> where the two copies contradict each other.
    /// </exception>
    public static Task<IMigrationRun> OpenAsync(MigrationPlace place, IKubernetesClient? client, MigrationSession session, CancellationToken cancellationToken) =>
        throw new NotImplementedException();
}
