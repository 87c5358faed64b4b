using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Model;
using static RegistryMigration.Clusters.OpenShift.Preflight.PreflightCheck;

namespace RegistryMigration.Clusters.OpenShift.Preflight;

/// <summary>Whether this account may do everything that the procedure does: it must not stop half way for a right that is missing.</summary>
internal static class PermissionChecks
{
    // Which version is served makes no difference to rights.
    private static readonly ResourceType CronJobs = new("batch", "v1", "cronjobs", "CronJob");

    private static readonly (ResourceType Type, string? Namespace, string? Name, string[] Verbs)[] Needed =
    [
        (OpenShiftTypes.Configs, null, ImageRegistryNames.Config, ["get", "patch"]),
        (OpenShiftTypes.Configs, null, null, ["watch"]),
        (OpenShiftTypes.ImagePruners, null, ImageRegistryNames.Pruner, ["get", "patch"]),
        (OpenShiftTypes.ClusterOperators, null, null, ["list", "watch"]),
        (OpenShiftTypes.Infrastructures, null, ImageRegistryNames.Infrastructure, ["get"]),
        (OpenShiftTypes.ImageStreams, null, null, ["list"]),
        (OpenShiftTypes.Routes, ImageRegistryNames.Namespace, null, ["list"]),
        (ResourceTypes.Nodes, null, null, ["list"]),
        (ResourceTypes.Deployments, ImageRegistryNames.Namespace, null, ["get", "list", "watch"]),
        (ResourceTypes.Pods, ImageRegistryNames.Namespace, null, ["list"]),
        (ResourceTypes.Jobs, ImageRegistryNames.Namespace, null, ["list"]),
        (CronJobs, ImageRegistryNames.Namespace, null, ["get"]),
        (ResourceTypes.NetworkPolicies, ImageRegistryNames.Namespace, null, ["list"]),
        (ResourceTypes.Secrets, ImageRegistryNames.Namespace, null, ["get"]),
        (ResourceTypes.Claims, ImageRegistryNames.Namespace, null, ["get", "delete"]),
        (ResourceTypes.ConfigMaps, ImageRegistryNames.Namespace, null, ["get", "list", "create", "update", "patch"]),
        (ResourceTypes.Leases, ImageRegistryNames.Namespace, null, ["get", "create", "update", "patch", "delete"]),
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
            : Failed(name, $"Grant {who} what is missing; docs/openshift-volume-to-swift.md has a role with everything.", missing.Select(what => $"may not {what}"));
    }
}
