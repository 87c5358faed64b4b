using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Preflight;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.OpenShift.Preflight;

/// <summary>Whether this account may do everything that the procedure does: it must not stop half way for a right that is missing.</summary>
internal static class PermissionChecks
{
    // Which version is served makes no difference to rights.
    private static readonly ResourceType CronJobs = new("batch", "v1", "cronjobs", "CronJob");

    // With names wherever a role may be limited to them: docs/rbac/module.yaml.
    private static readonly AccessNeed[] Needed =
    [
        new(OpenShiftTypes.Configs, null, ImageRegistryNames.Config, "get", "watch", "patch"),
        new(OpenShiftTypes.ImagePruners, null, ImageRegistryNames.Pruner, "get", "patch"),
        new(OpenShiftTypes.ClusterOperators, null, ImageRegistryNames.ClusterOperator, "get", "watch"),
        new(OpenShiftTypes.Infrastructures, null, ImageRegistryNames.Infrastructure, "get"),
        new(OpenShiftTypes.ImageStreams, null, null, "list"),
        new(OpenShiftTypes.Routes, ImageRegistryNames.Namespace, null, "list"),
        new(ResourceTypes.Nodes, null, null, "list"),
        new(ResourceTypes.Deployments, ImageRegistryNames.Namespace, null, "get", "watch"),
        new(ResourceTypes.Pods, ImageRegistryNames.Namespace, null, "list"),
        new(ResourceTypes.Jobs, ImageRegistryNames.Namespace, null, "list"),
        new(CronJobs, ImageRegistryNames.Namespace, ImageRegistryNames.PrunerCronJob, "get"),
        new(ResourceTypes.NetworkPolicies, ImageRegistryNames.Namespace, null, "list"),
        new(ResourceTypes.Secrets, ImageRegistryNames.Namespace, ImageRegistryNames.UserSecret, "get"),
        new(ResourceTypes.Secrets, ImageRegistryNames.Namespace, ImageRegistryNames.CloudSecret, "get"),
        new(ResourceTypes.Claims, ImageRegistryNames.Namespace, null, "get", "delete"),
        new(ResourceTypes.ConfigMaps, ImageRegistryNames.Namespace, null, "get", "list", "create", "update"),
        new(ResourceTypes.Leases, ImageRegistryNames.Namespace, null, "get", "create", "update"),
    ];

    public static Task<RegistryCheck> RunAsync(IKubernetesClient client, CancellationToken cancellationToken) =>
        AccessNeed.CheckAsync(client, Needed, "; docs/rbac/module.yaml is a role with everything", cancellationToken);
}
