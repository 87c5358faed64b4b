using System.Management.Automation;
using RegistryMigration.Engine.Journal;
using RegistryMigration.Model;
using RegistryMigration.Pipeline;

namespace RegistryMigration.Commands.Migrations;

/// <summary>The base of cmdlets that are steps of a migration.</summary>
public abstract class MigrationCommand : RegistryCommand
{
    /// <summary>The migration: an object of Get-RegistryMigration or New-RegistryMigration, or a name.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    public MigrationReference? Migration { get; set; }

    /// <summary>The journal's file (*.jsonl), or the folder of journals.</summary>
    [Parameter]
    public string? JournalPath { get; set; }

    /// <summary>Opens the migration to work on it. Dispose the run to free its lock.</summary>
    private protected Task<IMigrationRun> OpenMigrationAsync(ICommandOutput output, CancellationToken cancellationToken) => throw new NotImplementedException();
}
