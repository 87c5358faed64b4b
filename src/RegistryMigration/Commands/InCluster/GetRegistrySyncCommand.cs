using System.Management.Automation;
using RegistryMigration.Clusters.InCluster;
using RegistryMigration.Commands.Clusters;
using RegistryMigration.Model;

namespace RegistryMigration.Commands.InCluster;

/// <summary>Finds copies in a cluster, running and finished ones, whoever started them.</summary>
[Cmdlet(VerbsCommon.Get, "RegistrySync")]
[OutputType(typeof(RegistrySyncJob))]
public sealed class GetRegistrySyncCommand : ClusterCommand
{
    /// <summary>Names, as wildcards; all when left out.</summary>
    [Parameter(Position = 0)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = ["*"];

    /// <summary>The namespace; that of the cluster's context when left out.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Namespace { get; set; }

    /// <summary>Look into every namespace.</summary>
    [Parameter]
    public SwitchParameter AllNamespaces { get; set; }

    /// <inheritdoc />
    protected override void ProcessRecord() => Run(async (client, output, cancellationToken) =>
    {
        var catalog = new SyncCatalog(client);
        var place = AllNamespaces ? null : SyncPlace.Namespace(Namespace, client.Cluster);
        var patterns = Name.Where(WildcardPattern.ContainsWildcardCharacters).Select(name => new WildcardPattern(name, WildcardOptions.IgnoreCase)).ToList();
        var exact = Name.Where(name => !WildcardPattern.ContainsWildcardCharacters(name)).ToHashSet(StringComparer.OrdinalIgnoreCase);
        await foreach (var job in catalog.ListAsync(place, cancellationToken))
        {
            if (exact.Remove(job.Name) || patterns.Any(pattern => pattern.IsMatch(job.Name)))
                await output.WriteAsync(job, cancellationToken);
        }

        // A name without wildcards is one that must be there, as with every Get- cmdlet.
        foreach (var missing in exact)
            throw new ClusterException(ClusterErrorKind.NotFound, $"There is no copy '{missing}' in {place ?? "the cluster"}: it was removed, or its time is over.") { Target = missing };
    });
}
