using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Engine.Journal;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Migrations;

/// <summary>Makes migrations and opens them to work on.</summary>
public static class MigrationRuns
{
    /// <summary>Makes a migration. One of the same name that has ended is put aside.</summary>
    /// <exception cref="ClusterException"><see cref="ClusterErrorKind.Precondition"/>: there is one of that name that has not ended.</exception>
    public static async Task<RegistryMigrationInfo> CreateAsync(NewMigration migration, IKubernetesClient? client, MigrationSession session, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(migration);
        ArgumentNullException.ThrowIfNull(session);
        var place = migration.Place;
        var @namespace = client is null ? null : place.Namespace ?? client.Cluster.Namespace
            ?? throw new ClusterException(ClusterErrorKind.Configuration, "The migration's copy needs a namespace. Give the registry's namespace with -Namespace.");
        await using var locks = await MigrationLocks.TakeAsync(place.Name, place.JournalPath, client, @namespace, session, cancellationToken);
        var copy = client is null ? null : new ConfigMapJournal(client, @namespace!, place.Name, session);
        var there = copy is null ? null : await copy.ReadAsync(cancellationToken);
        var known = await MigrationJournal.ReadAsync(place.JournalPath, session.Time, cancellationToken);
        // Of two copies of one migration the longer one says whether it has ended.
        RegistryMigrationInfo?[] both = [known, there?.ToInfo(session.Time.GetUtcNow())];
        var newest = both.OfType<RegistryMigrationInfo>().GroupBy(info => info.Id, StringComparer.Ordinal).Select(same => same.MaxBy(info => info.Sequence)!);
        if (newest.FirstOrDefault(info => info.State == MigrationState.Active) is { } active)
            throw new ClusterException(ClusterErrorKind.Precondition, FormattableString.Invariant($"There is a migration '{active.Name}' already, made by {active.CreatedBy} on {active.Created:u}, that has not ended. To go on with it: Get-RegistryMigration {active.Name}. To end it: Undo-RegistryMigration or Complete-RegistryMigration. To make another one: another -Name.")) { Target = active.Name };
        if (known is not null)
            PutAside(place.JournalPath, known);
        var header = new JournalHeader
        {
            MigrationId = Guid.NewGuid().ToString("n"),
            Name = place.Name,
            System = migration.System,
            Server = client?.Cluster.Server,
            Namespace = @namespace,
            Instance = migration.Instance,
            ConfigurationPath = migration.ConfigurationPath,
            Source = migration.Source,
            Destination = migration.Destination,
            ModuleVersion = session.ModuleVersion,
        };
        await using var journal = await MigrationJournal.CreateAsync(place.JournalPath, copy, header, session, cancellationToken);
        return journal.Info with { Cluster = client?.Cluster };
    }

    /// <summary>Opens a migration to work on it; nobody else can until the run is disposed.</summary>
    /// <param name="place">Where its journal is. What the cluster has newer, or this machine does not have, is written there first.</param>
    /// <param name="client">The cluster; null where the migration has none.</param>
    /// <param name="session">Who opens it.</param>
    /// <param name="cancellationToken">Ends the opening.</param>
    /// <exception cref="ClusterException">
    /// <see cref="ClusterErrorKind.NotFound"/>; <see cref="ClusterErrorKind.Locked"/> with the name of who works on it;
    /// <see cref="ClusterErrorKind.Conflict"/> where the two copies contradict each other.
    /// </exception>
    public static async Task<MigrationRun> OpenAsync(MigrationPlace place, IKubernetesClient? client, MigrationSession session, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(place);
        ArgumentNullException.ThrowIfNull(session);
        var known = await MigrationJournal.ReadAsync(place.JournalPath, session.Time, cancellationToken);
        if (known is { Server: not null } && client is null)
            throw new ClusterException(ClusterErrorKind.Precondition, $"Migration '{known.Name}' has its copy in the cluster {known.Server}. Log in there with Connect-RegistryCluster, or give -Cluster.");
        // A registry without a cluster stays without one, whatever the session is connected to.
        var cluster = known is { Server: null } ? null : client;
        var @namespace = cluster is null ? null : known?.Namespace ?? place.Namespace ?? cluster.Cluster.Namespace
            ?? throw new ClusterException(ClusterErrorKind.Configuration, $"This machine has no journal of '{place.Name}'. To find its copy in {cluster.Cluster}, give the registry's namespace with -Namespace.");
        var locks = await MigrationLocks.TakeAsync(place.Name, place.JournalPath, cluster, @namespace, session, cancellationToken);
        try
        {
            var copy = cluster is null ? null : new ConfigMapJournal(cluster, @namespace!, place.Name, session);
            if (copy is not null && known is not null && known.Server != cluster!.Cluster.Server && await copy.ReadAsync(cancellationToken) is null)
                throw new ClusterException(ClusterErrorKind.Conflict, $"Migration '{known.Name}' was made in the cluster {known.Server}, and {cluster.Cluster.Server} has no copy of it ({copy.Place}): this is another cluster. Connect to the right one, or give another place with -JournalPath.");
            return new MigrationRun(await MigrationJournal.OpenAsync(place.Name, place.JournalPath, copy, session, cancellationToken), locks.Release(), session);
        }
        catch
        {
            await locks.DisposeAsync();
            throw;
        }
    }

    private static void PutAside(string path, RegistryMigrationInfo ended)
    {
        var folder = Path.GetDirectoryName(path)!;
        try
        {
            File.Move(path, Path.Combine(folder, FormattableString.Invariant($"{Path.GetFileNameWithoutExtension(path)}.{ended.Created:yyyyMMdd'T'HHmmss}.jsonl")), overwrite: false);
        }
        catch (IOException e)
        {
            throw new JournalException($"The journal of the ended migration, {path}, can't be put aside: {e.Message} Move it away, then run the same command again.", e);
        }
    }
}
