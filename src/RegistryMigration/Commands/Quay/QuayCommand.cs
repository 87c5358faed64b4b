using System.Management.Automation;
using System.Runtime.CompilerServices;
using RegistryMigration.Clusters;
using RegistryMigration.Clusters.Quay;
using RegistryMigration.Commands.Clusters;
using RegistryMigration.Completion;
using RegistryMigration.Model;
using RegistryMigration.Pipeline;

namespace RegistryMigration.Commands.Quay;

/// <summary>What cmdlets that look at a Quay have in common: which one, under the operator or by its configuration file.</summary>
public abstract class QuayCommand : ClusterCommand
{
    internal const string InCluster = "Cluster";
    internal const string Standalone = "Path";

    /// <summary>The namespace of the QuayRegistry; all namespaces when left out.</summary>
    [Parameter(Position = 0, ParameterSetName = InCluster)]
    [ArgumentCompleter(typeof(NamespaceCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Namespace { get; set; }

    /// <summary>The QuayRegistry; all of the namespace when left out.</summary>
    [Parameter(Position = 1, ParameterSetName = InCluster)]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <inheritdoc />
    [Parameter(ParameterSetName = InCluster, ValueFromPipeline = true)]
    [ArgumentCompleter(typeof(ContextCompleter))]
    [ClusterArgument]
    [ValidateNotNull]
    public override RegistryCluster? Cluster { get; set; }

    /// <summary>The config.yaml of a Quay without the operator, or the directory that has one.</summary>
    [Parameter(Mandatory = true, ParameterSetName = Standalone)]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>The Quays that the parameters mean.</summary>
    private protected async IAsyncEnumerable<QuayRegistry> ReadAsync(ICommandOutput output, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (ParameterSetName == Standalone)
        {
            yield return await QuayReader.ReadFileAsync(ResolveFile(Path)!, cancellationToken);
            yield break;
        }

        using var client = await ConnectAsync(output, cancellationToken);
        // One that is named needs no right to list.
        if (Namespace is not null && Name is not null)
        {
            yield return await QuayReader.ReadAsync(client, Namespace, Name, cancellationToken);
            yield break;
        }

        var found = false;
        await foreach (var quay in QuayReader.ListAsync(client, Namespace, cancellationToken))
        {
            if (Name is not null && quay.Name != Name)
                continue;
            found = true;
            yield return quay;
        }

        if (found)
            yield break;
        // It says what there is instead.
        if (Namespace is not null)
            yield return await QuayReader.ReadAsync(client, Namespace, null, cancellationToken);
        else if (Name is not null)
            throw new ClusterException(ClusterErrorKind.NotFound, $"{client.Cluster} has no QuayRegistry '{Name}' in any namespace. Get-QuayRegistry without -Name lists all.");
        else
            output.Verbose($"{client.Cluster} has no QuayRegistry.");
    }
}
