using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Engine.Journal;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Migrations;

/// <summary>Lists the migrations that this machine and a cluster know of. Reads only, and takes no lock.</summary>
public static class MigrationCatalog
{
    /// <summary>The migrations of a folder of journals and of a cluster; of one that both have, the copy that is ahead.</summary>
    /// <param name="journals">The journals on this machine.</param>
    /// <param name="client">The cluster; null lists this machine's alone.</param>
    /// <param name="namespace">The namespace; null is all that may be listed.</param>
    /// <param name="time">The clock.</param>
    /// <param name="unreadable">Told of each journal that can't be read; the others are listed nevertheless.</param>
    /// <param name="cancellationToken">Ends the listing.</param>
    public static async Task<IReadOnlyList<RegistryMigrationInfo>> ListAsync(IEnumerable<string> journals, IKubernetesClient? client, string? @namespace, TimeProvider time, Action<Exception> unreadable, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(journals);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(unreadable);
        var found = new List<RegistryMigrationInfo>();
        foreach (var path in journals)
        {
            if (await AttemptAsync(() => MigrationJournal.ReadAsync(path, time, cancellationToken), unreadable) is { } info)
                found.Add(info with { Holder = await FileLock.FindHolderAsync(path, cancellationToken) });
        }

        if (client is not null)
        {
            await foreach (var (where, read) in ConfigMapJournal.ListAsync(client, @namespace, cancellationToken))
            {
                if (await AttemptAsync(() => Task.FromResult<RegistryMigrationInfo?>(read().ToInfo(time.GetUtcNow())), unreadable) is { } info)
                    found.Add(info with { Cluster = client.Cluster, Namespace = where, Holder = await LeaseLock.FindHolderAsync(client, where, info.Name, time, cancellationToken) });
            }
        }

        return [.. found.GroupBy(info => info.Id, StringComparer.Ordinal).Select(Merge).OrderBy(info => info.Name, StringComparer.Ordinal).ThenBy(info => info.Created)];
    }

    private static RegistryMigrationInfo Merge(IEnumerable<RegistryMigrationInfo> copies)
    {
        var all = copies.ToList();
        return all.MaxBy(info => info.Sequence)! with
        {
            JournalPath = all.Find(info => info.JournalPath is not null)?.JournalPath,
            Cluster = all.Find(info => info.Cluster is not null)?.Cluster,
            Holder = all.Find(info => info is { Cluster: not null, Holder: not null })?.Holder ?? all.Find(info => info.Holder is not null)?.Holder,
        };
    }

    private static async Task<RegistryMigrationInfo?> AttemptAsync(Func<Task<RegistryMigrationInfo?>> read, Action<Exception> unreadable)
    {
        try
        {
            return await read();
        }
        catch (JournalException e)
        {
            unreadable(e);
            return null;
        }
    }
}
