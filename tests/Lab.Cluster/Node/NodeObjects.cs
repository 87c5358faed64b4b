using System.Text.Json.Nodes;

namespace RegistryMigration.Lab.Cluster;

/// <summary>The nodes of the cluster: one for the control plane, which takes no pods, and two workers.</summary>
internal static class NodeObjects
{
    private const string Collection = "/api/v1/nodes";

    /// <summary>Makes them, or brings them up to date.</summary>
    public static async Task MakeAsync(KubeApi api, int kubeletPort, CancellationToken cancellationToken)
    {
        await MakeAsync(api, "master-0", "master", kubeletPort, cancellationToken);
        await MakeAsync(api, "worker-0", "worker", kubeletPort, cancellationToken);
        await MakeAsync(api, "worker-1", "worker", kubeletPort, cancellationToken);
    }

    private static async Task MakeAsync(KubeApi api, string name, string role, int kubeletPort, CancellationToken cancellationToken)
    {
        if (await api.FindAsync($"{Collection}/{name}", cancellationToken) is null)
            await api.CreateAsync(Collection, Object(name, role), cancellationToken);
        // A new node comes with the taint not-ready, which the controller that is not here would take away.
        await api.MergeAsync($"{Collection}/{name}", new JsonObject { ["spec"] = new JsonObject { ["taints"] = Taints(role) } }, cancellationToken);
        await api.MergeAsync($"{Collection}/{name}/status", new JsonObject { ["status"] = Status(name, kubeletPort) }, cancellationToken);
    }

    private static JsonArray Taints(string role) => role == "master" ? new JsonArray(new JsonObject { ["key"] = "node-role.kubernetes.io/master", ["effect"] = "NoSchedule" }) : [];

    private static JsonObject Object(string name, string role) => new()
    {
        ["metadata"] = new JsonObject { ["name"] = name, ["labels"] = new JsonObject { ["kubernetes.io/hostname"] = name, ["kubernetes.io/os"] = "linux", ["kubernetes.io/arch"] = "amd64", [$"node-role.kubernetes.io/{role}"] = "" } },
    };

    private static JsonObject Status(string name, int kubeletPort)
    {
        var resources = new JsonObject { ["cpu"] = "4", ["memory"] = "8Gi", ["pods"] = "110" };
        return new JsonObject
        {
            ["addresses"] = new JsonArray(new JsonObject { ["type"] = "InternalIP", ["address"] = "127.0.0.1" }, new JsonObject { ["type"] = "Hostname", ["address"] = name }),
            ["daemonEndpoints"] = new JsonObject { ["kubeletEndpoint"] = new JsonObject { ["Port"] = kubeletPort } },
            ["capacity"] = resources,
            ["allocatable"] = resources.DeepClone(),
            ["conditions"] = new JsonArray(new JsonObject { ["type"] = "Ready", ["status"] = "True", ["reason"] = "KubeletReady", ["lastHeartbeatTime"] = ContainerLog.Now()[..19] + "Z", ["lastTransitionTime"] = ContainerLog.Now()[..19] + "Z" }),
        };
    }
}
