using System.Runtime.CompilerServices;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.InCluster;

/// <summary>Finds copies in a cluster by name or label: from the session that started them, a later one, or another machine.</summary>
internal static class SyncReader
{
    /// <summary>One copy.</summary>
    /// <exception cref="ClusterException">There is none of that name, or its record can't be read.</exception>
    public static async Task<SyncState> ReadAsync(IKubernetesClient client, string @namespace, string name, CancellationToken cancellationToken)
    {
        return await FindAsync(client, @namespace, name, cancellationToken) is { } record
            ? await StateAsync(client, record, cancellationToken)
            : throw new ClusterException(ClusterErrorKind.NotFound, $"There is no copy '{name}' in {@namespace}: it was removed, or its time is over. Get-RegistrySync lists those that are there.") { Target = $"{@namespace}/{name}" };
    }

    /// <summary>The record of a copy; null where there is none of that name.</summary>
    public static async Task<SyncRecord?> FindAsync(IKubernetesClient client, string @namespace, string name, CancellationToken cancellationToken) =>
        await client.FindAsync(ResourceTypes.ConfigMaps, @namespace, name, cancellationToken) is { } map && map.Text("metadata", "labels", SyncNames.SyncLabel) == name ? SyncRecord.Read(map) : null;

    /// <summary>All copies of a namespace, or of all of them.</summary>
    public static async IAsyncEnumerable<SyncState> ListAsync(IKubernetesClient client, string? @namespace, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var map in client.ListAsync(ResourceTypes.ConfigMaps, @namespace, new ListOptions { Labels = SyncNames.SyncLabel }, cancellationToken))
            yield return await StateAsync(client, SyncRecord.Read(map), cancellationToken);
    }

    /// <summary>All objects of a type that belong to a copy.</summary>
    public static async Task<List<Resource>> OwnAsync(IKubernetesClient client, ResourceType type, string @namespace, string name, CancellationToken cancellationToken)
    {
        var found = new List<Resource>();
        await foreach (var resource in client.ListAsync(type, @namespace, SyncNames.Of(name), cancellationToken))
            found.Add(resource);
        return found;
    }

    private static async Task<SyncState> StateAsync(IKubernetesClient client, SyncRecord record, CancellationToken cancellationToken)
    {
        // Pods first: a Job that says it is complete is never older than the pods that it is judged by.
        var pods = await OwnAsync(client, ResourceTypes.Pods, record.Namespace, record.Name, cancellationToken);
        return new SyncState(record, await OwnAsync(client, ResourceTypes.Jobs, record.Namespace, record.Name, cancellationToken), pods);
    }
}
