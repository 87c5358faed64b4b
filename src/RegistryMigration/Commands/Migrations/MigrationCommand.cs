using System.Management.Automation;
using RegistryMigration.Clusters;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Migrations;
using RegistryMigration.Commands.Clusters;
using RegistryMigration.Completion;
using RegistryMigration.Engine.Journal;
using RegistryMigration.Migrations;
using RegistryMigration.Model;
using RegistryMigration.Pipeline;

namespace RegistryMigration.Commands.Migrations;

/// <summary>The base of cmdlets that work on a migration: its steps, its undo, its report.</summary>
public abstract class MigrationCommand : ClusterCommand
{
    /// <summary>The migration: an object of Get-RegistryMigration or New-RegistryMigration, or a name.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ArgumentCompleter(typeof(MigrationCompleter))]
    public MigrationReference? Migration { get; set; }

    // What comes down the pipeline is a migration here, and its own cluster may be unknown.
    /// <inheritdoc />
    [Parameter]
    [ArgumentCompleter(typeof(ContextCompleter))]
    [ClusterArgument]
    [ValidateNotNull]
    public override RegistryCluster? Cluster { get; set; }

    /// <summary>The journal's file (*.jsonl), or the folder of journals.</summary>
    [Parameter]
    public string? JournalPath { get; set; }

    /// <summary>The namespace of the journal's copy, where this machine has no journal that says it.</summary>
    [Parameter]
    public string? Namespace { get; set; }

    /// <summary>The journal on this machine; it need not be there.</summary>
    private protected string JournalFile => JournalPlaces.File(ResolveFile(JournalPath) ?? Migration!.Migration?.JournalPath, Migration!.Name);

    /// <summary>Opens the migration to work on it, with its cluster. Dispose it to free its lock.</summary>
    private protected async Task<OpenMigration> OpenMigrationAsync(ICommandOutput output, CancellationToken cancellationToken)
    {
        var (path, name, given) = (JournalFile, Migration!.Name, Migration.Migration);
        var session = MigrationSessions.Create(Time, output);
        var known = await MigrationJournal.ReadAsync(path, Time, cancellationToken) ?? given;
        var client = await ConnectAsync(known, output, cancellationToken);
        try
        {
            return new OpenMigration(await MigrationRuns.OpenAsync(new MigrationPlace(name, path, Namespace ?? given?.Namespace), client, session, cancellationToken), client);
        }
        catch
        {
            client?.Dispose();
            throw;
        }
    }

    /// <summary>Reads the migration without a lock, and does something with it while its cluster is connected.</summary>
    private protected Task<T> ReadMigrationAsync<T>(ICommandOutput output, Func<RegistryMigrationInfo, IKubernetesClient?, T> use, CancellationToken cancellationToken) =>
        PreviewMigrationAsync(output, (migration, client) => Task.FromResult(use(migration, client)), cancellationToken);

    /// <summary>The same, where what is done needs the cluster.</summary>
    private protected async Task<T> PreviewMigrationAsync<T>(ICommandOutput output, Func<RegistryMigrationInfo, IKubernetesClient?, Task<T>> use, CancellationToken cancellationToken)
    {
        var (path, name, given) = (JournalFile, Migration!.Name, Migration.Migration);
        var known = await MigrationJournal.ReadAsync(path, Time, cancellationToken) ?? given;
        using var client = await ConnectAsync(known, output, cancellationToken);
        var found = await MigrationCatalog.ListAsync([path], client, known?.Namespace ?? Namespace ?? client?.Cluster.Namespace, Time, error => output.Warn(error.Message), cancellationToken);
        var migration = found.LastOrDefault(info => given is null ? info.Name == name : info.Id == given.Id)
            ?? throw new ClusterException(ClusterErrorKind.NotFound, $"There is no migration '{name}' in {path}{(client is null ? "" : $" or in {client.Cluster}")}. Get-RegistryMigration lists those there are.");
        return await use(migration, client);
    }

    /// <summary>What steps and undos work with.</summary>
    /// <exception cref="ClusterException"><see cref="ClusterErrorKind.Precondition"/>: a parameter is given that the migration's registry has no use for.</exception>
    private protected StepContext Context(RegistryMigrationInfo migration, IKubernetesClient? client, TimeSpan timeout, ScriptBlock? restart, ICommandOutput output)
    {
        SystemParameters.Require(GetType(), MyInvocation.BoundParameters, migration.System, migration.ConfigurationPath is not null);
        return new StepContext(migration, client, Time, timeout, new Teller(notice => output.Report([new ProgressNotice(0, $"Migration {Migration}", notice)])))
        {
            Restart = restart is null ? null : token => output.InvokeAsync(restart, token),
        };
    }

    /// <summary>The migration's cluster: the one given, the one it was read from, or the session's; null for a registry that runs in none.</summary>
    private async Task<IKubernetesClient?> ConnectAsync(RegistryMigrationInfo? known, ICommandOutput output, CancellationToken cancellationToken) =>
        Cluster is null && known is { Server: null } ? null : await ConnectAsync(Cluster ?? Migration!.Migration?.Cluster ?? TargetCluster, output, cancellationToken);
}

/// <summary>A migration that is open, and its cluster.</summary>
/// <param name="Run">Runs steps and keeps the journal.</param>
/// <param name="Client">The cluster; null for a registry that runs in none.</param>
internal sealed record OpenMigration(MigrationRun Run, IKubernetesClient? Client) : IAsyncDisposable
{
    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await Run.DisposeAsync();
        Client?.Dispose();
    }
}
