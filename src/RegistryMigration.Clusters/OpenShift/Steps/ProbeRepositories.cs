using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.OpenShift.Steps;

/// <summary>Where a probe is pushed to.</summary>
public static class ProbeRepositories
{
    private const string Name = "registrymigration-probe";

    /// <summary>A repository in a project that every OpenShift has.</summary>
    public const string OpenShift = $"{ImageRegistryNames.Namespace}/{Name}";

    /// <summary>Takes away the imagestream that a push to <see cref="OpenShift"/> made; one that can't be taken away does no harm.</summary>
    public static async Task RemoveAsync(IKubernetesClient client, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(client);
        try
        {
            await client.DeleteAsync(OpenShiftTypes.ImageStreams, ImageRegistryNames.Namespace, Name, DeleteOptions.Default, cancellationToken);
        }
        catch (ClusterException e) when (e.Kind is ClusterErrorKind.Denied or ClusterErrorKind.NotServed)
        {
            // It holds one empty image, and the next probe uses it again.
        }
    }
}
