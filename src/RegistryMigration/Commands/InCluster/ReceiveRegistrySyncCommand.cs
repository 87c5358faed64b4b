using System.Management.Automation;
using RegistryMigration.Clusters.InCluster;
using RegistryMigration.Commands.Sync;
using RegistryMigration.Completion;
using RegistryMigration.Migrations;
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

    /// <summary>The migration that this pass belongs to: an object of Get-RegistryMigration, or a name. Its journal keeps what the pass did.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(MigrationCompleter))]
    public MigrationReference? Migration { get; set; }

    /// <summary>What the pass was for: Live while the registry is in use, Final with writes blocked.</summary>
    [Parameter]
    public MigrationPassKind PassKind { get; set; }

    /// <inheritdoc />
    protected override void ProcessRecord()
    {
        UseClusterOfJob();
        var record = Migration is not null && ShouldProcess(Migration.ToString()!, "Record the pass");
        var remove = Cleanup && ShouldProcess(Target, "Remove the Jobs and what was made for them");
        Run(async (client, output, cancellationToken) =>
        {
            var place = SyncNamespace(client.Cluster);
            var receipt = new SyncReceipt(client);
            var result = await receipt.ReceiveAsync(place, SyncName, Job?.Destination, cancellationToken);
            await using (var migration = await MigrationOpening.OpenAsync(record ? Migration : null, client.Cluster, Time, output, cancellationToken))
            {
                var pass = MigrationPass.From(result, PassKind) with { IsPartial = await receipt.IsPartialAsync(place, SyncName, cancellationToken) };
                // A result can be received again.
                if (migration?.Run.Info.Passes.Any(known => known.StartedAt == pass.StartedAt && known.Source == pass.Source && known.Destination == pass.Destination) == false)
                    await migration.Run.RecordPassAsync(pass, cancellationToken);
            }

            // First out, then away: a removal that fails must not cost the result.
            await SyncReport.WriteAsync(result, output, cancellationToken);
            if (remove)
                await new SyncRemoval(client, Time).RemoveAsync(place, SyncName, waitForPods: false, cancellationToken);
        });
    }
}
