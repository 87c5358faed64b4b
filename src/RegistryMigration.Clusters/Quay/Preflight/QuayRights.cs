using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Preflight;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Quay.Preflight;

/// <summary>What this account has to be allowed to do in the namespace of a Quay.</summary>
internal static class QuayRights
{
    public static Task<RegistryCheck> CheckAsync(IKubernetesClient client, string space, string name, CancellationToken cancellationToken) => AccessNeed.CheckAsync(client,
    [
        new(QuayTypes.QuayRegistries, space, name, "get", "patch"),
        new(ResourceTypes.Secrets, space, null, "get", "create"),
        new(ResourceTypes.Deployments, space, null, "get"),
        new(ResourceTypes.Pods, space, null, "list"),
        new(ResourceTypes.ConfigMaps, space, null, "get", "list", "create", "update"),
        new(ResourceTypes.Leases, space, null, "get", "create", "update"),
    ], $" in namespace {space}; docs/rbac/quay.yaml is a role with everything", cancellationToken);
}
