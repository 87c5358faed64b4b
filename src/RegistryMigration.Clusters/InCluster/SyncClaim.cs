using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.InCluster;

/// <summary>The claim at one end of a copy: where it can be mounted, and who uses it now.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Node">The node that pods must run on; null where any node will do that the volume can be at.</param>
/// <param name="Holder">The running pod that mounts it; null where none does.</param>
/// <param name="IsSingleNode">Whether pods on one node only can mount it at a time.</param>
/// <param name="IsSinglePod">Whether one pod only can mount it at a time.</param>
internal sealed record SyncClaim(string Name, string? Node, Resource? Holder, bool IsSingleNode, bool IsSinglePod)
{
    /// <summary>Looks at the claim and at who mounts it.</summary>
    /// <exception cref="ClusterException">It does not exist, has no volume, nobody else may mount it, or it is to be written while somebody else may write.</exception>
    public static async Task<SyncClaim> FindAsync(IKubernetesClient client, string @namespace, string name, SyncDirection direction, CancellationToken cancellationToken)
    {
        var claim = await client.FindAsync(ResourceTypes.Claims, @namespace, name, cancellationToken)
            ?? throw new ClusterException(ClusterErrorKind.NotFound, $"There is no persistent volume claim '{name}' in {@namespace}. {(direction == SyncDirection.FromClaim ? "The registry's own configuration names the claim that it uses." : "One that was deleted has to be made anew, under its old name.")}") { Target = Target(@namespace, name) };
        RequireVolume(claim, direction, @namespace, name);
        var modes = Modes(claim);
        if (direction == SyncDirection.ToClaim && modes is ["ReadOnlyMany"])
            throw new ClusterException(ClusterErrorKind.Precondition, $"The claim '{name}' is ReadOnlyMany only: nobody can write to it.") { Target = Target(@namespace, name) };
        var holder = await HolderAsync(client, @namespace, name, direction, cancellationToken);
        var alone = modes.Contains("ReadWriteOncePod");
        if (holder is not null && alone)
            throw new ClusterException(ClusterErrorKind.Precondition, $"The claim '{name}' is ReadWriteOncePod and the pod {holder.Name} mounts it: no other pod can. Stop that pod, or copy another way.") { Target = Target(@namespace, name) };
        // A volume that many nodes may mount needs no node; one that a single node may mount is at that node while anybody uses it.
        var shared = modes.Contains("ReadWriteMany") || (direction == SyncDirection.FromClaim && modes.Contains("ReadOnlyMany"));
        return new SyncClaim(name, shared ? null : holder?.Text("spec", "nodeName"), holder, !shared, alone);
    }

    /// <summary>Keeps pods at the node, or all of a copy's pods at one node where nobody has chosen it yet; null where any will do.</summary>
    /// <remarks>By the node's name and not by affinity to the holder: labels of a pod that is not ours may change or match others. Where the
    /// volume itself can be, the scheduler knows by its node affinity.</remarks>
    public JsonObject? Affinity(string sync) => Node is not null ? new JsonObject
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
    }
    : !IsSingleNode ? null : new JsonObject
    {
        // The first pod may go anywhere, since it is of the kind that it wants to be near to; the others follow it.
        ["podAffinity"] = new JsonObject
        {
            ["requiredDuringSchedulingIgnoredDuringExecution"] = new JsonArray(new JsonObject
            {
                ["labelSelector"] = new JsonObject { ["matchLabels"] = new JsonObject { [SyncNames.SyncLabel] = sync } },
                ["topologyKey"] = "kubernetes.io/hostname",
            }),
        },
    };

    /// <summary>What the holder tolerates: on its node, pods without that may not run.</summary>
    public JsonArray? Tolerations() => Node is null ? null : Holder?.At("spec", "tolerations")?.DeepClone() as JsonArray;

    // A new claim may wait for its first pod before it gets a volume, and a copy's pod can be the one.
    private static void RequireVolume(Resource claim, SyncDirection direction, string @namespace, string name)
    {
        var phase = claim.Text("status", "phase");
        if (phase == "Bound" || (direction == SyncDirection.ToClaim && phase is null or "Pending"))
            return;
        throw new ClusterException(ClusterErrorKind.Precondition, $"The claim '{name}' in {@namespace} is {phase ?? "new"} and not Bound: it has no volume to {(direction == SyncDirection.FromClaim ? "read" : "write")}. See its events.") { Target = Target(@namespace, name) };
    }

    private static List<string> Modes(Resource claim)
    {
        var observed = claim.Items("status", "accessModes").Select(mode => mode.ToString()).ToList();
        return observed.Count > 0 ? observed : [.. claim.Items("spec", "accessModes").Select(mode => mode.ToString())];
    }

    // A copy's own pods hold the claim too, but the registry's tell better how to read it.
    private static async Task<Resource?> HolderAsync(IKubernetesClient client, string @namespace, string name, SyncDirection direction, CancellationToken cancellationToken)
    {
        (Resource? theirs, Resource? own) = (null, null);
        await foreach (var pod in client.ListAsync(ResourceTypes.Pods, @namespace, ListOptions.All, cancellationToken))
        {
            var volumes = pod.Items("spec", "volumes").Where(volume => (string?)volume["persistentVolumeClaim"]?["claimName"] == name).ToList();
            if (volumes.Count == 0 || pod.Text("status", "phase") is "Succeeded" or "Failed")
                continue;
            var isOwn = pod.Text("metadata", "labels", SyncNames.SyncLabel) is not null;
            if (!isOwn && direction == SyncDirection.ToClaim && volumes.Any(volume => MayWrite(pod, volume)))
            {
                throw new ClusterException(ClusterErrorKind.Precondition, $"The pod {pod.Name} mounts the claim '{name}' and may write to it. A copy into a claim that a registry uses would mix with its pushes and its garbage collection: "
                    + "copy back only while the registry is on another storage. Switch it, or stop that pod, and start the copy again.") { Target = Target(@namespace, name) };
            }

            if (pod.Text("spec", "nodeName") is null)
                continue;
            if (isOwn)
                own = pod;
            else
                theirs ??= pod;
        }

        return theirs ?? own;
    }

    private static bool MayWrite(Resource pod, JsonNode volume) => (bool?)volume["persistentVolumeClaim"]?["readOnly"] != true
        && pod.Items("spec", "containers").Concat(pod.Items("spec", "initContainers")).SelectMany(container => (container["volumeMounts"] as JsonArray ?? []).OfType<JsonObject>())
            .Any(mount => (string?)mount["name"] == (string?)volume["name"] && (bool?)mount["readOnly"] != true);

    private static string Target(string @namespace, string name) => $"{ResourceTypes.Claims}/{name} in {@namespace}";
}
