using System.Globalization;
using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;

namespace RegistryMigration.Lab.Cluster;

/// <summary>What the operator says of a QuayRegistry. Two of its controllers write it: of the rollout, and of the components (pkg/cmpstatus).</summary>
internal static class QuayRegistryStatus
{
    /// <summary>The rollout. What blocks it changes nothing else: neither the generation that was observed, nor what was said of pods before.</summary>
    public static async Task<Resource> WriteRolloutAsync(KubeApi api, Resource registry, long generation, string? reason, string message, CancellationToken cancellationToken)
    {
        var conditions = new Conditions(registry.Items("status", "conditions"));
        var status = registry.Section("status")?.DeepClone() as JsonObject ?? [];
        if (reason is not null)
        {
            conditions.Set("RolloutBlocked", "True", reason, message);
        }
        else
        {
            conditions.Set("RolloutBlocked", "False", "ComponentsCreationSuccess", "All objects created/updated successfully");
            conditions.Set("ComponentsCreated", "True", "ComponentsCreationSuccess", "All registry components created");
            (status["observedGeneration"], status["currentVersion"], status["registryEndpoint"]) = (generation, "3.15.0", message);
            status["lastUpdated"] = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd HH:mm:ss.fffffff +0000 UTC", CultureInfo.InvariantCulture);
        }
        return await WriteAsync(api, registry, status, conditions, cancellationToken);
    }

    /// <summary>The components. A Deployment is healthy as long as enough of its pods are available, of whatever revision (deploy.go).</summary>
    public static async Task WriteComponentsAsync(KubeApi api, Resource registry, CancellationToken cancellationToken)
    {
        var conditions = new Conditions(registry.Items("status", "conditions"));
        var name = $"{registry.Name}-quay-app";
        var deployment = await api.FindAsync(QuayNames.Deployment(registry.Namespace!, registry.Name), cancellationToken);
        var available = new Conditions(deployment?.Items("status", "conditions") ?? []).All.FirstOrDefault(condition => Conditions.Text(condition, "type") == "Available");
        var trouble = deployment is null ? $"Deployment {name} not found"
            : deployment.Number("spec", "replicas") == 0 ? null
            : (deployment.Number("status", "availableReplicas") ?? 0) == 0 ? $"Deployment {name} has zero replicas available"
            : available is null ? $"Available condition not found for {name}"
            : Conditions.Text(available, "status") != "True" ? $"Deployment {name}: {Conditions.Text(available, "message")}" : null;
        var managed = QuayResources.IsManaged(registry, "objectstorage");
        conditions.Set("ComponentObjectStorageReady", "True", managed ? "ComponentReady" : "ComponentNotManaged", managed ? "Object bucket claim bound" : "Object storage not managed by the operator");
        conditions.Set("ComponentQuayReady", trouble is null ? "True" : "False", trouble is null ? "ComponentReady" : "ComponentNotReady", trouble ?? "Quay component healthy");
        conditions.Set("Available", trouble is null ? "True" : "False", trouble is null ? "HealthChecksPassing" : "ComponentNotReady", trouble is null ? "All components reporting as healthy" : "Some components are not ready");
        await WriteAsync(api, registry, registry.Section("status")?.DeepClone() as JsonObject ?? [], conditions, cancellationToken);
    }

    private static async Task<Resource> WriteAsync(KubeApi api, Resource registry, JsonObject status, Conditions conditions, CancellationToken cancellationToken)
    {
        status["conditions"] = conditions.ToJson();
        return JsonNode.DeepEquals(status, registry.Section("status")) ? registry : await api.SetAsync(QuayNames.Registry(registry.Namespace!, registry.Name) + "/status", "/status", status, cancellationToken);
    }
}
