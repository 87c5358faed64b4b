using System.Management.Automation;
using RegistryMigration.Model;

namespace RegistryMigration.Commands.Migrations;

/// <summary>Ends a migration: no step runs any more, and a new one may take its name. It can still be undone.</summary>
[Cmdlet(VerbsLifecycle.Complete, "RegistryMigration", SupportsShouldProcess = true)]
[OutputType(typeof(RegistryMigrationInfo))]
public sealed class CompleteRegistryMigrationCommand : MigrationCommand
{
    /// <inheritdoc />
    protected override void ProcessRecord()
    {
        if (!ShouldProcess(Migration!.Name, "End the migration; its journal stays"))
            return;
        Run(Migration, async (output, cancellationToken) =>
        {
            await using var open = await OpenMigrationAsync(output, cancellationToken);
            await open.Run.CompleteAsync(cancellationToken);
            await output.WriteAsync(open.Run.Info with { Cluster = open.Client?.Cluster, Holder = null }, cancellationToken);
        });
    }
}
