using System.Management.Automation;
using RegistryMigration.Clusters.InCluster;
using RegistryMigration.Commands.Sync;
using RegistryMigration.Model;

namespace RegistryMigration.Commands.InCluster;

/// <summary>Gets what a finished copy in a cluster did, as the same result that Sync-RegistryBlobs gives.</summary>
[Cmdlet(VerbsCommunications.Receive, "RegistrySync", DefaultParameterSetName = ByName, SupportsShouldProcess = true)]
[OutputType(typeof(SyncResult))]
public sealed class ReceiveRegistrySyncCommand : SyncJobCommand
{
    /// <summary>Remove the copy's Jobs, Secret, NetworkPolicy and ConfigMap once the result is here.</summary>
    [Parameter]
    public SwitchParameter Cleanup { get; set; }

    /// <inheritdoc />
    protected override void ProcessRecord()
    {
        UseClusterOfJob();
        var remove = Cleanup && ShouldProcess(Target, "Remove the Jobs and what was made for them");
        Run(async (client, output, cancellationToken) =>
        {
            var place = SyncNamespace(client.Cluster);
            var result = await new SyncReceipt(client).ReceiveAsync(place, SyncName, Job?.Destination, cancellationToken);
            // First out, then away: a removal that fails must not cost the result.
            await SyncReport.WriteAsync(result, output, cancellationToken);
            if (remove)
                await new SyncRemoval(client, Time).RemoveAsync(place, SyncName, waitForPods: false, cancellationToken);
        });
    }
}
