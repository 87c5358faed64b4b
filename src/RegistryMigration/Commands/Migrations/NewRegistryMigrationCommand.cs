using System.Management.Automation;
using RegistryMigration.Clusters;
using RegistryMigration.Clusters.Migrations;
using RegistryMigration.Clusters.Quay;
using RegistryMigration.Commands.Clusters;
using RegistryMigration.Completion;
using RegistryMigration.Migrations;
using RegistryMigration.Model;
using RegistryMigration.Pipeline;
using RegistryMigration.Stores;

namespace RegistryMigration.Commands.Migrations;

/// <summary>Begins a migration: makes its journal on this machine, and the copy of it beside the registry.</summary>
[Cmdlet(VerbsCommon.New, "RegistryMigration", SupportsShouldProcess = true, DefaultParameterSetName = ClusterSet)]
[OutputType(typeof(RegistryMigrationInfo))]
public sealed class NewRegistryMigrationCommand : ClusterCommand
{
    private const string ClusterSet = "Cluster";
    private const string FileSet = "File";

    /// <summary>The migration's name: lower-case letters, digits and hyphens.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    public string Name { get; set; } = "";

    /// <inheritdoc />
    [Parameter(ParameterSetName = ClusterSet, ValueFromPipeline = true)]
    [ArgumentCompleter(typeof(ContextCompleter))]
    [ClusterArgument]
    [ValidateNotNull]
    public override RegistryCluster? Cluster { get; set; }

    /// <summary>The namespace of the registry, where the copy is kept; the cluster's default when left out.</summary>
    [Parameter(ParameterSetName = ClusterSet)]
    public string? Namespace { get; set; }

    /// <summary>Which registry of the namespace, where there are several: the QuayRegistry's name.</summary>
    [Parameter(ParameterSetName = ClusterSet)]
    [OnlyFor(QuaySystem.SystemName)]
    public string? Instance { get; set; }

    /// <summary>The configuration file of a registry that runs in no cluster.</summary>
    [Parameter(ParameterSetName = FileSet, Mandatory = true)]
    [OnlyFor(QuaySystem.SystemName, Standalone = true)]
    public string? Path { get; set; }

    /// <summary>What is migrated, for people: OpenShift, Quay, Harbor, …</summary>
    [Parameter]
    public string System { get; set; } = "Registry";

    /// <summary>The old storage: a store or its address.</summary>
    [Parameter]
    [StoreArgument]
    public RegistryStore? Source { get; set; }

    /// <summary>The new storage: a store or its address.</summary>
    [Parameter]
    [StoreArgument]
    public RegistryStore? Destination { get; set; }

    /// <summary>The journal's file (*.jsonl), or the folder of journals.</summary>
    [Parameter]
    public string? JournalPath { get; set; }

    /// <inheritdoc />
    protected override void ProcessRecord()
    {
        NewMigration migration;
        try
        {
            migration = ToMigration(ParameterSetName == FileSet, ResolveFile);
        }
        catch (FormatException e)
        {
            Refuse("InvalidArgument", e.Message, Name);
            return;
        }

        try
        {
            SystemParameters.Require(GetType(), MyInvocation.BoundParameters, System, migration.ConfigurationPath is not null);
        }
        catch (ClusterException e)
        {
            Refuse("InvalidArgument", e.Message, Name);
        }

        if (migration.ConfigurationPath is { } path && !File.Exists(path))
            Refuse("NotFound", $"There is no configuration file {path}. Give the file that the registry reads at its start.", path);
        if (ShouldProcess(migration.Place.JournalPath, $"Begin the migration {Name}"))
            Run(Name, (output, cancellationToken) => CreateAsync(migration, output, cancellationToken));
    }

    /// <summary>The migration that the parameters stand for.</summary>
    /// <exception cref="FormatException">The name can't be one.</exception>
    internal NewMigration ToMigration(bool standalone, Func<string?, string?> resolve) => new()
    {
        Place = new MigrationPlace(MigrationName.Check(Name), JournalPlaces.File(resolve(JournalPath), Name), standalone ? null : Namespace),
        System = System,
        Instance = standalone ? null : Instance,
        ConfigurationPath = standalone ? resolve(Path) : null,
        Source = Source?.ToString(),
        Destination = Destination?.ToString(),
    };

    private async Task CreateAsync(NewMigration migration, ICommandOutput output, CancellationToken cancellationToken)
    {
        using var client = migration.ConfigurationPath is null ? await ConnectAsync(output, cancellationToken) : null;
        await output.WriteAsync(await MigrationRuns.CreateAsync(migration, client, MigrationSessions.Create(Time, output), cancellationToken), cancellationToken);
    }
}
