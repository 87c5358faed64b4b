using System.Management.Automation;
using RegistryMigration.Engine.Journal.Reports;
using RegistryMigration.Migrations;
using RegistryMigration.Pipeline;
using RegistryMigration.Stores;

namespace RegistryMigration.Commands.Migrations;

/// <summary>Writes down a migration as one HTML page that needs nothing else: what was done, when, by whom, how it was proven, and how to undo it.</summary>
[Cmdlet(VerbsData.Export, "RegistryMigrationReport", SupportsShouldProcess = true)]
[OutputType(typeof(FileInfo))]
public sealed class ExportRegistryMigrationReportCommand : MigrationCommand
{
    /// <summary>The page, or the folder for it; a folder gets migration-NAME.html.</summary>
    [Parameter(Position = 1)]
    public string Path { get; set; } = ".";

    /// <summary>Write over a page that is there.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Put the file into the pipeline.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc />
    protected override void ProcessRecord()
    {
        var path = ResolveFile(Path)!;
        if (Directory.Exists(path))
            path = global::System.IO.Path.Combine(path, $"migration-{Migration!.Name}.html");
        if (File.Exists(path) && !Force)
        {
            WriteError(new CommandError("FileExists", ErrorCategory.ResourceExists, $"{path} is there already. Give another -Path, or -Force to write over it.", null, path).ToRecord());
            return;
        }

        if (ShouldProcess(path, $"Write the report of migration {Migration}") && Run(Migration, (output, cancellationToken) => WriteAsync(path, output, cancellationToken)) && PassThru)
            WriteObject(new FileInfo(path));
    }

    private async Task WriteAsync(string path, ICommandOutput output, CancellationToken cancellationToken)
    {
        var session = MigrationSessions.Create(Time, output);
        var page = await ReadMigrationAsync(output, (migration, _) => MigrationReport.Render(migration, Time.GetUtcNow(), session.ModuleVersion), cancellationToken);
        await WholeFile.WriteAsync(path, page, Force, cancellationToken);
    }
}
