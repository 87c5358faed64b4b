using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.InCluster;

/// <summary>The claim to read: where it can be mounted, and how the pod that uses it now may read it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Node">The node that pods must run on; null where any node will do.</param>
/// <param name="Holder">The running pod that mounts it; null where none does.</param>
internal sealed record SourceClaim(string Name, string? Node, Resource? Holder)
{
    /// <summary>Looks at the claim and at who mounts it.</summary>
    /// <exception cref="ClusterException">It does not exist, has no volume, or nobody else may mount it.</exception>
    public static async Task<SourceClaim> FindAsync(IKubernetesClient client, string @namespace, string name, CancellationToken cancellationToken)
    {
        var claim = await client.FindAsync(ResourceTypes.Claims, @namespace, name, cancellationToken)
            ?? throw new ClusterException(ClusterErrorKind.NotFound, $"There is no persistent volume claim '{name}' in {@namespace}. The registry's own configuration names the claim that it uses.") { Target = Target(@namespace, name) };
        if (claim.Text("status", "phase") is var phase and not "Bound")
            throw new ClusterException(ClusterErrorKind.Precondition, $"The claim '{name}' in {@namespace} is {phase ?? "new"} and not Bound: it has no volume to read. See its events.") { Target = Target(@namespace, name) };
        var holder = await HolderAsync(client, @namespace, name, cancellationToken);
        var modes = Modes(claim);
        if (holder is not null && modes.Contains("ReadWriteOncePod"))
        {
            throw new ClusterException(ClusterErrorKind.Precondition, $"The claim '{name}' is ReadWriteOncePod and the pod {holder.Name} mounts it: no other pod can. Stop that pod, or copy out of it another way.") { Target = Target(@namespace, name) };
        }

        // A volume that many nodes may mount needs no node; one that a single node may mount is at that node while anybody uses it.
        var shared = modes.Contains("ReadWriteMany") || modes.Contains("ReadOnlyMany");
        return new SourceClaim(name, shared ? null : holder?.Text("spec", "nodeName"), holder);
    }

    /// <summary>Keeps pods at the node; null where any will do.</summary>
    /// <remarks>By the node's name and not by affinity to the holder: labels of a pod that is not ours may change or match others.</remarks>
    public JsonObject? Affinity() => Node is null ? null : new JsonObject
    {
        ["nodeAffinity"] = new JsonObject
        {
            ["requiredDuringSchedulingIgnoredDuringExecution"] = new JsonObject
            {
                ["nodeSelectorTerms"] = new JsonArray(new JsonObject
                {
                    ["matchFields"] = new JsonArray(new JsonObject { ["key"] = "metadata.name", ["operator"] = "In", ["values"] = new JsonArray(Node) }),
                }),
            },
        },
    };

    /// <summary>What the holder tolerates: on its node, pods without that may not run.</summary>
    public JsonArray? Tolerations() => Node is null ? null : Holder?.At("spec", "tolerations")?.DeepClone() as JsonArray;

    private static HashSet<string> Modes(Resource claim)
    {
        var observed = claim.Items("status", "accessModes").Select(mode => mode.ToString()).ToHashSet(StringComparer.Ordinal);
        return observed.Count > 0 ? observed : [.. claim.Items("spec", "accessModes").Select(mode => mode.ToString())];
    }

    // A copy's own pods hold the claim too, but the registry's tell better how to read it.
    private static async Task<Resource?> HolderAsync(IKubernetesClient client, string @namespace, string name, CancellationToken cancellationToken)
    {
        Resource? own = null;
        await foreach (var pod in client.ListAsync(ResourceTypes.Pods, @namespace, ListOptions.All, cancellationToken))
        {
            if (pod.Text("spec", "nodeName") is null || pod.Text("status", "phase") is "Succeeded" or "Failed" || !Mounts(pod, name))
                continue;
            if (pod.Text("metadata", "labels", SyncNames.SyncLabel) is null)
                return pod;
            own = pod;
        }

        return own;
    }

    private static bool Mounts(Resource pod, string claim) =>
        pod.Items("spec", "volumes").Any(volume => (string?)volume["persistentVolumeClaim"]?["claimName"] == claim);

    private static string Target(string @namespace, string name) => $"{ResourceTypes.Claims}/{name} in {@namespace}";
}
