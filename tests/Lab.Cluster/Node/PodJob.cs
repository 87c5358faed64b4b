using System.Globalization;
using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;

namespace RegistryMigration.Lab.Cluster;

/// <summary>The completion index of a Job's pod. Kubernetes 1.20 has no Indexed Jobs, so the node gives the numbers.</summary>
internal static class PodJob
{
    // Two pods that start at the same time must not find the same number free.
    private static readonly SemaphoreSlim One = new(1, 1);

    public const string IndexAnnotation = "batch.kubernetes.io/job-completion-index";

    /// <summary>The lowest index that no pod of the Job holds or has finished; null where the pod belongs to none. It is written into the pod.</summary>
    public static async Task<int?> IndexAsync(KubeApi api, Resource pod, CancellationToken cancellationToken)
    {
        if (Owner(pod) is not { } job)
            return null;
        await One.WaitAsync(cancellationToken);
        try
        {
            var pods = (await api.ListAsync($"/api/v1/namespaces/{pod.Namespace}/pods", cancellationToken)).Where(other => Owner(other) == job).ToList();
            if (pods.Find(other => other.Uid == pod.Uid) is { } known && Index(known) is { } given)
                return given;
            var taken = pods.Where(other => other.Text("status", "phase") != "Failed").Select(Index).ToHashSet();
            var index = Enumerable.Range(0, pods.Count + 1).First(candidate => !taken.Contains(candidate));
            var annotations = new JsonObject { [IndexAnnotation] = index.ToString(CultureInfo.InvariantCulture) };
            await api.MergeAsync(Names.Pod(pod.Namespace, pod.Name), new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = annotations } }, cancellationToken);
            return index;
        }
        finally
        {
            One.Release();
        }
    }

    private static int? Index(Resource pod) => int.TryParse(pod.Text("metadata", "annotations", IndexAnnotation), CultureInfo.InvariantCulture, out var index) ? index : null;

    private static string? Owner(Resource pod) =>
        pod.Items("metadata", "ownerReferences").FirstOrDefault(owner => owner["kind"]?.GetValue<string>() == "Job")?["uid"]?.GetValue<string>();
}
