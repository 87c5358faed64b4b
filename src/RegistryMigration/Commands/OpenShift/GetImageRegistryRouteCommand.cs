using System.Management.Automation;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.OpenShift;
using RegistryMigration.Commands.Clusters;
using RegistryMigration.Model;
using RegistryMigration.Pipeline;

namespace RegistryMigration.Commands.OpenShift;

/// <summary>Shows the ways into OpenShift's image registry from outside the cluster.</summary>
[Cmdlet(VerbsCommon.Get, "ImageRegistryRoute")]
[OutputType(typeof(RegistryRoute))]
public sealed class GetImageRegistryRouteCommand : ClusterCommand
{
    /// <summary>Names of routes; all when left out.</summary>
    [Parameter(Position = 0)]
    [SupportsWildcards]
    public string[] Name { get; set; } = ["*"];

    /// <inheritdoc />
    protected override void ProcessRecord() => Run(ReadAsync);

    private async Task ReadAsync(IKubernetesClient client, ICommandOutput output, CancellationToken cancellationToken)
    {
        var patterns = Array.ConvertAll(Name, name => WildcardPattern.Get(name, WildcardOptions.IgnoreCase | WildcardOptions.CultureInvariant));
        var found = false;
        foreach (var route in await ImageRegistryReader.ReadRoutesAsync(client, cancellationToken))
        {
            if (!Array.Exists(patterns, pattern => pattern.IsMatch(route.Name)))
                continue;
            found = true;
            await output.WriteAsync(route, cancellationToken);
        }

        if (!found)
            output.Verbose($"No such route. Set-ImageRegistry -DefaultRoute $true makes one; within the cluster the registry is {ImageRegistryNames.ServiceHost}.");
    }
}
