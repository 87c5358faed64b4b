using System.Management.Automation;
using RegistryMigration.Clusters.Migrations;
using RegistryMigration.Engine.Journal;
using RegistryMigration.Model;
using RegistryMigration.Pipeline;

namespace RegistryMigration.Commands.Migrations;

/// <summary>Ends a migration: no step runs any more, and a new one may take its name. It can still be undone.</summary>
[Cmdlet(VerbsLifecycle.Complete, "RegistryMigration", SupportsShouldProcess = true)]
[OutputType(typeof(RegistryMigrationInfo))]
public sealed class CompleteRegistryMigrationCommand : MigrationCommand
{
    /// <summary>Complete only when the old storage may go: switched, proven by pulling since, and the new one in use for so long. A time span; not asked for when left out.</summary>
    [Parameter]
    public TimeSpan? HoldPeriod { get; set; }

    /// <inheritdoc />
    protected override void ProcessRecord()
    {
        if (HoldPeriod < TimeSpan.Zero)
            Refuse("InvalidArgument", "-HoldPeriod is below zero.", HoldPeriod);
        if (!ShouldProcess(Migration!.Name, "End the migration; its journal stays"))
            return;
        Run(Migration, async (output, cancellationToken) =>
        {
            await using var open = await OpenMigrationAsync(output, cancellationToken);
            if (HoldPeriod is { } hold)
                await RequireAsync(open, hold, output, cancellationToken);
            await open.Run.CompleteAsync(cancellationToken);
            await output.WriteAsync(open.Run.Info with { Cluster = open.Client?.Cluster, Holder = null }, cancellationToken);
        });
    }

    private async Task RequireAsync(OpenMigration open, TimeSpan hold, ICommandOutput output, CancellationToken cancellationToken)
    {
        var migration = open.Run.Info;
        var missing = RemovalGate.Missing(migration, hold, Time.GetUtcNow()).ToList();
        if (RemovalGate.SwitchOf(migration.Steps) is { } switched
            && !await MigrationSystems.Of(migration).UsesAsync(Context(migration, open.Client, StepContext.DefaultTimeout, null, output), switched, cancellationToken))
            missing.Add($"the registry does not use {switched.Target} any more, which it was switched to: see what it uses, and undo the migration or switch again");
        if (missing.Count > 0)
            throw new ClusterException(ClusterErrorKind.Precondition, $"The old storage may not go yet: {string.Join("; ", missing)}. The migration stays as it is.");
    }
}
