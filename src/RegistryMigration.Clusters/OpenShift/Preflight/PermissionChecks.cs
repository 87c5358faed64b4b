using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Model;
using static RegistryMigration.Engine.Checks.PreflightCheck;

namespace RegistryMigration.Clusters.OpenShift.Preflight;

/// <summary>Whether this account may do everything that the procedure does: it must not stop half way for a right that is missing.</summary>
internal static class PermissionChecks
{
    // Which version is served makes no difference to rights.
    private static readonly ResourceType CronJobs = new("batch", "v1", "cronjobs", "CronJob");

    // With names wherever a role may be limited to them: docs/rbac/module.yaml.
    private static readonly (ResourceType Type, string? Namespace, string? Name, string[] Verbs)[] Needed =
    [
        (OpenShiftTypes.Configs, null, ImageRegistryNames.Config, ["get", "watch", "patch"]),
        (OpenShiftTypes.ImagePruners, null, ImageRegistryNames.Pruner, ["get", "patch"]),
        (OpenShiftTypes.ClusterOperators, null, ImageRegistryNames.ClusterOperator, ["get", "watch"]),
        (OpenShiftTypes.Infrastructures, null, ImageRegistryNames.Infrastructure, ["get"]),
        (OpenShiftTypes.ImageStreams, null, null, ["list"]),
        (OpenShiftTypes.Routes, ImageRegistryNames.Namespace, null, ["list"]),
        (ResourceTypes.Nodes, null, null, ["list"]),
        (ResourceTypes.Deployments, ImageRegistryNames.Namespace, null, ["get", "watch"]),
        (ResourceTypes.Pods, ImageRegistryNames.Namespace, null, ["list"]),
        (ResourceTypes.Jobs, ImageRegistryNames.Namespace, null, ["list"]),
        (CronJobs, ImageRegistryNames.Namespace, ImageRegistryNames.PrunerCronJob, ["get"]),
        (ResourceTypes.NetworkPolicies, ImageRegistryNames.Namespace, null, ["list"]),
        (ResourceTypes.Secrets, ImageRegistryNames.Namespace, ImageRegistryNames.UserSecret, ["get"]),
        (ResourceTypes.Secrets, ImageRegistryNames.Namespace, ImageRegistryNames.CloudSecret, ["get"]),
        (ResourceTypes.Claims, ImageRegistryNames.Namespace, null, ["get", "delete"]),
        (ResourceTypes.ConfigMaps, ImageRegistryNames.Namespace, null, ["get", "list", "create", "update"]),
        (ResourceTypes.Leases, ImageRegistryNames.Namespace, null, ["get", "create", "update"]),
    ];

    public static async Task<RegistryCheck> RunAsync(IKubernetesClient client, CancellationToken cancellationToken)
    {
        const string name = "Permissions";
        var (asked, missing) = (0, new List<string>());
        foreach (var (type, @namespace, resource, verbs) in Needed)
        {
            foreach (var verb in verbs)
            {
                asked++;
                if (!await client.MayAsync(verb, type, @namespace, resource, cancellationToken))
                    missing.Add($"{verb} {type}{(resource is null ? "" : $"/{resource}")}{(@namespace is null ? "" : $" in {@namespace}")}");
            }
        }

        var who = client.Cluster.UserName ?? "This account";
        return missing.Count == 0
            ? Passed(name, $"{who} may do all {asked} things that the procedure does")
            : Failed(name, $"Grant {who} what is missing; docs/rbac/module.yaml is a role with everything.", missing.Select(what => $"may not {what}"));
    }
}
