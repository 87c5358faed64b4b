using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.OpenShift.Steps;
using RegistryMigration.Model;
using static RegistryMigration.Engine.Checks.PreflightCheck;

namespace RegistryMigration.Clusters.OpenShift.Preflight;

/// <summary>Credentials that the operator will take for the new storage, and what deletes images meanwhile.</summary>
internal static class CredentialChecks
{
    public static async Task<RegistryCheck> RunAsync(IKubernetesClient client, ImageRegistry registry, RegistryStore? destination, CancellationToken cancellationToken)
    {
        const string name = "Operator's credentials";
        var credentials = registry.Credentials;
        if (!credentials.IsKnown)
            return Skipped(name, $"credentials are {credentials}");
        try
        {
            var cloud = await client.FindAsync(ResourceTypes.Secrets, ImageRegistryNames.Namespace, ImageRegistryNames.CloudSecret, cancellationToken);
            var evidence = new[] { $"the administrator's secret: {(credentials.IsUserSecret ? credentials : "none")}", $"{ImageRegistryNames.CloudSecret}: {(cloud is null ? "none" : "there")}" };
            var kind = destination?.Address.Kind switch { StoreKind.Swift => BackendKind.Swift, StoreKind.S3 => BackendKind.S3, _ => BackendKind.None };
            if (BackendCredentials.ObstacleTo(kind, credentials, cloud) is { } obstacle)
                return Failed(name, obstacle, evidence);
            return kind == BackendKind.None && credentials.IsUserSecret
                ? Warning(name, "It wins over the cloud's own credentials: see that it is for the storage that you move to, else delete it.", evidence)
                : Passed(name, evidence);
        }
        catch (ClusterException e) when (e.Kind == ClusterErrorKind.Denied)
        {
            return Skipped(name, e.Message);
        }
    }

    public static RegistryCheck Pruner(ImageRegistry registry)
    {
        const string name = "Pruner";
        return registry.Pruner.Running.Count > 0
            ? Warning(name, "Suspend-RegistryPruner will wait for it; blobs that it deletes during a live pass are told as vanished.", $"{registry.Pruner}")
            : Passed(name, $"{registry.Pruner}");
    }
}
