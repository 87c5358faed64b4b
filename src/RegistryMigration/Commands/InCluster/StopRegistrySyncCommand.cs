using System.Management.Automation;
using RegistryMigration.Clusters.InCluster;
using RegistryMigration.Model;

namespace RegistryMigration.Commands.InCluster;

/// <summary>Ends a copy in a cluster and removes everything that was made for it. What it copied stays at the destination.</summary>
[Cmdlet(VerbsLifecycle.Stop, "RegistrySync", DefaultParameterSetName = ByName, SupportsShouldProcess = true)]
public sealed class StopRegistrySyncCommand : SyncJobCommand
{
    /// <inheritdoc />
    protected override void ProcessRecord()
    {
        UseClusterOfJob();
        if (!ShouldProcess(Target, "Stop the copy and remove its Jobs, Secret, NetworkPolicy and ConfigMap"))
            return;
        Run(async (client, _, cancellationToken) =>
        {
            var place = SyncNamespace(client.Cluster);
            if (!await new SyncRemoval(client, Time).RemoveAsync(place, SyncName, waitForPods: true, cancellationToken))
                throw new ClusterException(ClusterErrorKind.NotFound, $"There is no copy '{SyncName}' in {place}. Get-RegistrySync lists those that are there.") { Target = $"{place}/{SyncName}" };
        });
    }
}
