using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;

namespace RegistryMigration.Lab.Cluster;

/// <summary>Binds pods to nodes by what they require; what they only prefer is not looked at.</summary>
internal sealed class Scheduler(NodeContext context)
{
    private readonly HashSet<string> _told = new(StringComparer.Ordinal);

    /// <summary>Binds what can be bound now.</summary>
    public async Task ScheduleAsync(CancellationToken cancellationToken)
    {
        var pods = await context.Api.ListAsync("/api/v1/pods", cancellationToken);
        var waiting = pods.Where(pod => pod.Text("spec", "nodeName") is null && pod.Text("metadata", "deletionTimestamp") is null && pod.Text("status", "phase") == "Pending").ToList();
        if (waiting.Count == 0)
            return;
        var nodes = await context.Api.ListAsync("/api/v1/nodes", cancellationToken);
        var placed = pods.Where(IsPlaced).ToList();
        foreach (var pod in waiting.OrderBy(pod => pod.Text("metadata", "creationTimestamp"), StringComparer.Ordinal).ThenBy(pod => pod.Name, StringComparer.Ordinal))
        {
            var (node, why) = await ChooseAsync(pod, nodes, placed, cancellationToken);
            if (node is null)
                await TellAsync(pod, why, cancellationToken);
            else if (await BindAsync(pod, node.Name, cancellationToken))
                placed.Add(pod);
        }
    }

    private static bool IsPlaced(Resource pod) => pod.Text("spec", "nodeName") is not null && pod.Text("status", "phase") is not ("Succeeded" or "Failed");

    private async Task<(Resource? Node, string Why)> ChooseAsync(Resource pod, IReadOnlyList<Resource> nodes, List<Resource> placed, CancellationToken cancellationToken)
    {
        foreach (var claim in pod.Items("spec", "volumes").Select(volume => volume["persistentVolumeClaim"]?["claimName"]?.GetValue<string>()).OfType<string>())
        {
            if (await context.Api.FindAsync(Names.Claim(pod.Namespace, claim), cancellationToken) is null)
                return (null, $"persistentvolumeclaim \"{claim}\" not found");
        }
        var reasons = new List<string>();
        var fitting = new List<Resource>();
        foreach (var node in nodes)
        {
            if (Obstacle(pod, node, nodes, placed) is { } obstacle)
                reasons.Add(obstacle);
            else
                fitting.Add(node);
        }
        if (fitting.Count == 0)
            return (null, $"0/{nodes.Count} nodes are available: {string.Join(", ", reasons.GroupBy(reason => reason).Select(group => $"{group.Count()} {group.Key}"))}.");
        return (fitting.OrderBy(node => placed.Count(other => other.Text("spec", "nodeName") == node.Name)).ThenBy(node => node.Name, StringComparer.Ordinal).First(), "");
    }

    private static string? Obstacle(Resource pod, Resource node, IReadOnlyList<Resource> nodes, List<Resource> placed)
    {
        var labels = node.Section("metadata", "labels");
        if (node.Flag("spec", "unschedulable") == true)
            return "node(s) were unschedulable";
        if (!Selectors.Tolerates(pod.Items("spec", "tolerations"), node.Items("spec", "taints")))
            return "node(s) had taint that the pod didn't tolerate";
        if ((pod.Section("spec", "nodeSelector") ?? []).Any(label => labels?[label.Key]?.GetValue<string>() != label.Value?.GetValue<string>()))
            return "node(s) didn't match node selector";
        if (pod.At("spec", "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms") is { } terms && !Selectors.MatchesNode(terms, labels, node.Name))
            return "node(s) didn't match node selector";
        if (!pod.Items("spec", "affinity", "podAffinity", "requiredDuringSchedulingIgnoredDuringExecution").All(term => Near(pod, term, node, nodes, placed) || IsFirst(pod, term, placed)))
            return "node(s) didn't match pod affinity rules";
        if (pod.Items("spec", "affinity", "podAntiAffinity", "requiredDuringSchedulingIgnoredDuringExecution").Any(term => Near(pod, term, node, nodes, placed)))
            return "node(s) didn't match pod anti-affinity rules";
        return null;
    }

    // A pod that wants to be near its own kind may go anywhere while there is none of it (kube-scheduler's InterPodAffinity).
    private static bool IsFirst(Resource pod, JsonNode term, List<Resource> placed) =>
        Selectors.MatchesLabels(term["labelSelector"], pod.Section("metadata", "labels"))
        && !placed.Any(other => other.Namespace == pod.Namespace && Selectors.MatchesLabels(term["labelSelector"], other.Section("metadata", "labels")));

    // Whether a pod that the term means runs in the same topology domain as the node.
    private static bool Near(Resource pod, JsonNode term, Resource node, IReadOnlyList<Resource> nodes, List<Resource> placed)
    {
        var key = term["topologyKey"]!.GetValue<string>();
        var domain = node.Text("metadata", "labels", key);
        var spaces = (term["namespaces"] as JsonArray)?.Select(name => name!.GetValue<string>()).ToList();
        return domain is not null && placed.Any(other => other.Uid != pod.Uid
            && (spaces is { Count: > 0 } ? spaces.Contains(other.Namespace!) : other.Namespace == pod.Namespace)
            && Selectors.MatchesLabels(term["labelSelector"], other.Section("metadata", "labels"))
            && nodes.FirstOrDefault(candidate => candidate.Name == other.Text("spec", "nodeName"))?.Text("metadata", "labels", key) == domain);
    }

    private async Task<bool> BindAsync(Resource pod, string node, CancellationToken cancellationToken)
    {
        var binding = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Binding",
            ["metadata"] = new JsonObject { ["name"] = pod.Name, ["uid"] = pod.Uid },
            ["target"] = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Node", ["name"] = node },
        };
        try
        {
            await context.Api.CreateAsync(Names.Pod(pod.Namespace, pod.Name) + "/binding", binding, cancellationToken);
            pod.Json["spec"]!["nodeName"] = node;
            return true;
        }
        catch (KubeApiException e) when (e.Status is System.Net.HttpStatusCode.NotFound or System.Net.HttpStatusCode.Conflict)
        {
            // Deleted, or bound by somebody else meanwhile.
            return false;
        }
    }

    private async Task TellAsync(Resource pod, string why, CancellationToken cancellationToken)
    {
        if (!_told.Add(pod.Uid + why))
            return;
        var condition = new JsonObject { ["type"] = "PodScheduled", ["status"] = "False", ["reason"] = "Unschedulable", ["message"] = why, ["lastTransitionTime"] = ContainerLog.Now()[..19] + "Z" };
        await context.TellAsync(pod, "Warning", "FailedScheduling", why, cancellationToken);
        try
        {
            await context.Api.MergeAsync(Names.Pod(pod.Namespace, pod.Name) + "/status", new JsonObject { ["status"] = new JsonObject { ["conditions"] = new JsonArray(condition) } }, cancellationToken);
        }
        catch (KubeApiException e) when (e.Status == System.Net.HttpStatusCode.NotFound)
        {
            // Deleted meanwhile.
        }
    }
}
