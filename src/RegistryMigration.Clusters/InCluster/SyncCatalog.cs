using System.Runtime.CompilerServices;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.InCluster;

/// <summary>The copies that a cluster knows, running and finished ones.</summary>
/// <param name="client">The cluster.</param>
public sealed class SyncCatalog(IKubernetesClient client)
{
    /// <summary>One copy.</summary>
    /// <exception cref="ClusterException">There is none of that name.</exception>
    public async Task<RegistrySyncJob> GetAsync(string @namespace, string name, CancellationToken cancellationToken) =>
        (await SyncReader.ReadAsync(client, @namespace, name, cancellationToken)).ToJob(client.Cluster, null, null);

    /// <summary>All copies of a namespace; null is all namespaces.</summary>
    public async IAsyncEnumerable<RegistrySyncJob> ListAsync(string? @namespace, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var state in SyncReader.ListAsync(client, @namespace, cancellationToken))
            yield return state.ToJob(client.Cluster, null, null);
    }
}
