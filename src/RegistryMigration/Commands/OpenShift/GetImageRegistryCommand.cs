using System.Management.Automation;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.OpenShift;
using RegistryMigration.Commands.Clusters;
using RegistryMigration.Model;
using RegistryMigration.Pipeline;

namespace RegistryMigration.Commands.OpenShift;

/// <summary>Shows OpenShift's image registry: what its configuration asks for, and what is there.</summary>
[Cmdlet(VerbsCommon.Get, "ImageRegistry")]
[OutputType(typeof(ImageRegistry))]
public sealed class GetImageRegistryCommand : ClusterCommand
{
    /// <inheritdoc />
    protected override void ProcessRecord() => Run(ReadAsync);

    private async Task ReadAsync(IKubernetesClient client, ICommandOutput output, CancellationToken cancellationToken)
    {
        var registry = await ImageRegistryReader.ReadAsync(client, cancellationToken);
        if (registry.Unread.Count > 0)
            output.Verbose($"Not read: {string.Join("; ", registry.Unread)}.");
        await output.WriteAsync(registry, cancellationToken);
    }
}
