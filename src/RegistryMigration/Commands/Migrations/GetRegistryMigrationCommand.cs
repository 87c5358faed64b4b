using System.Management.Automation;
using RegistryMigration.Clusters;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Migrations;
using RegistryMigration.Commands.Clusters;
using RegistryMigration.Completion;
using RegistryMigration.Migrations;
using RegistryMigration.Model;
using RegistryMigration.Pipeline;

namespace RegistryMigration.Commands.Migrations;

/// <summary>Shows migrations: state, steps, passes, who works on them, whether an undo is lossless, and what comes next.</summary>
[Cmdlet(VerbsCommon.Get, "RegistryMigration")]
[OutputType(typeof(RegistryMigrationInfo))]
public sealed class GetRegistryMigrationCommand : ClusterCommand
{
    /// <summary>Names, as wildcards; all when left out.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(MigrationCompleter))]
    public string[] Name { get; set; } = ["*"];

    /// <inheritdoc />
    [Parameter]
    [ArgumentCompleter(typeof(ContextCompleter))]
    [ClusterArgument]
    [ValidateNotNull]
    public override RegistryCluster? Cluster { get; set; }

    /// <summary>The namespace of the registry; the cluster's default when left out.</summary>
    [Parameter]
    public string? Namespace { get; set; }

    /// <summary>A journal's file (*.jsonl), or the folder of journals.</summary>
    [Parameter]
    public string? JournalPath { get; set; }

    /// <inheritdoc />
    protected override void ProcessRecord() => Run(string.Join(", ", Name), ListAsync);

    private async Task ListAsync(ICommandOutput output, CancellationToken cancellationToken)
    {
        using var client = await ConnectIfAnyAsync(output, cancellationToken);
        var journals = JournalPlaces.Files(ResolveFile(JournalPath)).ToList();
        var found = await MigrationCatalog.ListAsync(journals, client, Namespace ?? client?.Cluster.Namespace, Time, error => output.Warn(error.Message), cancellationToken);
        foreach (var name in Name)
        {
            var pattern = WildcardPattern.Get(name, WildcardOptions.IgnoreCase);
            var matching = found.Where(info => pattern.IsMatch(info.Name)).ToList();
            if (matching.Count == 0 && !WildcardPattern.ContainsWildcardCharacters(name))
                await output.WriteErrorAsync(ErrorMapper.Map(Missing(name, client)), cancellationToken);
            foreach (var migration in matching)
                await output.WriteAsync(migration, cancellationToken);
        }
    }

    // A session may have outlived its cluster, and what lies on this machine can be shown nevertheless. A cluster that is named must answer.
    private async Task<IKubernetesClient?> ConnectIfAnyAsync(ICommandOutput output, CancellationToken cancellationToken)
    {
        if (!HasCluster)
            return null;
        try
        {
            return await ConnectAsync(output, cancellationToken);
        }
        catch (ClusterException e) when (Cluster is null)
        {
            output.Warn($"The cluster of this session could not be asked, so only the journals of this machine are shown. {e.Message}");
            return null;
        }
    }

    private ClusterException Missing(string name, IKubernetesClient? client) => new(ClusterErrorKind.NotFound,
        $"There is no migration '{name}' in {ResolveFile(JournalPath) ?? JournalPlaces.DefaultFolder}{(client is null ? ", and no cluster was asked: give -Cluster or log in with Connect-RegistryCluster" : $" or in {client.Cluster}")}.") { Target = name };
}
