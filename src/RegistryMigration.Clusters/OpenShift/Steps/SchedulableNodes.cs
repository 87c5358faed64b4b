using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Kubernetes.Reading;

namespace RegistryMigration.Clusters.OpenShift.Steps;

/// <summary>The nodes that take pods of the registry: with two replicas each needs one of its own (required anti-affinity by host name, pkg/resource/podtemplatespec.go).</summary>
internal static class SchedulableNodes
{
    public static async Task<IReadOnlyList<string>> ReadAsync(IKubernetesClient client, Resource config, CancellationToken cancellationToken)
    {
        var names = new List<string>();
        await foreach (var node in client.ListAsync(ResourceTypes.Nodes, null, ListOptions.All, cancellationToken))
        {
            if (Takes(node, config))
                names.Add(node.Name);
        }

        return names;
    }

    private static bool Takes(Resource node, Resource config) =>
        node.Flag("spec", "unschedulable") != true
        && ConditionReader.Read(node).Any(condition => condition is { Type: "Ready", Status: true })
        && (config.Section("spec", "nodeSelector") ?? []).All(label => node.Text("metadata", "labels", label.Key) == JsonText.Show(label.Value!))
        && node.Items("spec", "taints").Select(JsonText.ObjectOf).All(taint => taint.Text("effect") == "PreferNoSchedule" || config.Items("spec", "tolerations").Select(JsonText.ObjectOf).Any(toleration => Tolerates(toleration, taint)));

    // https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/
    private static bool Tolerates(Resource toleration, Resource taint) =>
        (toleration.Text("effect") is not { Length: > 0 } effect || effect == taint.Text("effect"))
        && (toleration.Text("operator") == "Exists"
            ? toleration.Text("key") is not { Length: > 0 } any || any == taint.Text("key")
            : toleration.Text("key") == taint.Text("key") && (toleration.Text("value") ?? "") == (taint.Text("value") ?? ""));
}
