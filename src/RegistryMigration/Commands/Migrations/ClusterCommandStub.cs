using System.Management.Automation;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Model;
using RegistryMigration.Pipeline;

namespace RegistryMigration.Commands.Clusters;

internal static class KubernetesClients
{
    public static Task<IKubernetesClient> ConnectAsync(ClusterOptions options, TimeProvider time, CancellationToken cancellationToken) => throw new NotImplementedException();
}

/// <summary>Stands in until the real base of cluster cmdlets is here; delete this file then.</summary>
public abstract class ClusterCommand : RegistryCommand
{
    /// <summary>The cluster.</summary>
    [Parameter]
    public RegistryCluster? Cluster { get; set; }

    private protected bool HasCluster => Cluster is not null;

    private protected static Task<IKubernetesClient> ConnectAsync(CancellationToken cancellationToken) =>
        throw new ClusterException(ClusterErrorKind.Configuration, "No cluster can be reached yet.", new OperationCanceledException(cancellationToken));
}
