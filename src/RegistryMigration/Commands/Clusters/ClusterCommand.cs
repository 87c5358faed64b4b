using System.Management.Automation;
using System.Management.Automation.Runspaces;
using RegistryMigration.Clusters;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Completion;
using RegistryMigration.Model;
using RegistryMigration.Pipeline;

namespace RegistryMigration.Commands.Clusters;

/// <summary>What cmdlets that work on a cluster have in common: which one.</summary>
public abstract class ClusterCommand : RegistryCommand
{
    // Taken on the pipeline thread; work runs on others, which have none.
    private readonly Runspace? _runspace = Runspace.DefaultRunspace;

    /// <summary>The cluster, or the name of a context of the kubeconfig; when left out, the one that Connect-RegistryCluster connected to last in this session.</summary>
    [Parameter(ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ContextCompleter))]
    [ClusterArgument]
    [ValidateNotNull]
    public virtual RegistryCluster? Cluster { get; set; }

    /// <summary>Whether there is a cluster to connect to.</summary>
    private protected bool HasCluster => Known is not null;

    /// <summary>The cluster that is meant.</summary>
    /// <exception cref="ClusterException">None is given and none was connected.</exception>
    private protected RegistryCluster TargetCluster => Known
        ?? throw new ClusterException(ClusterErrorKind.Configuration, "No cluster is given, and this session is connected to none. Run Connect-RegistryCluster first, or give -Cluster.");

    private RegistryCluster? Known => Cluster ?? SessionCluster.Of(_runspace);

    /// <summary>Connects to the cluster, and says so where nobody checks whom we talk to. The caller disposes the client.</summary>
    private protected Task<IKubernetesClient> ConnectAsync(ICommandOutput output, CancellationToken cancellationToken) => ConnectAsync(TargetCluster, output, cancellationToken);

    /// <inheritdoc cref="ConnectAsync(ICommandOutput, CancellationToken)" />
    private protected Task<IKubernetesClient> ConnectAsync(RegistryCluster cluster, ICommandOutput output, CancellationToken cancellationToken)
    {
        if (cluster.Options.Tls.SkipCertificateCheck)
            output.Warn(UncheckedWarning(cluster.ToString()));
        return KubernetesClients.ConnectAsync(cluster.Options, Time, cancellationToken);
    }

    /// <summary>Connects and runs work until it ends; false when it failed (the error is written) or was stopped.</summary>
    private protected bool Run(Func<IKubernetesClient, ICommandOutput, CancellationToken, Task> work)
    {
        RegistryCluster cluster;
        try
        {
            cluster = TargetCluster;
        }
        catch (ClusterException e)
        {
            ThrowTerminatingError(ErrorMapper.Map(e).ToRecord());
            throw;
        }

        return Run(cluster, async (output, cancellationToken) =>
        {
            using var client = await ConnectAsync(cluster, output, cancellationToken);
            await work(client, output, cancellationToken);
        });
    }
}
