using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;

namespace RegistryMigration.Lab.Cluster;

/// <summary>What all parts of the node stand-in share.</summary>
/// <param name="Api">The API server.</param>
/// <param name="Lab">The lab.</param>
/// <param name="Worker">The program of the worker image: an executable or a dll; null for none.</param>
internal sealed record NodeContext(KubeApi Api, LabState Lab, string? Worker)
{
    private int _events;

    /// <summary>Where a pod's files lie.</summary>
    public string Folder(Resource pod) => Path.Combine(Lab.Directory, "data", "pods", pod.Uid!);

    /// <summary>Tells what happened to a pod, as <c>kubectl describe</c> shows it.</summary>
    public async Task TellAsync(Resource pod, string type, string reason, string message, CancellationToken cancellationToken)
    {
        var now = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture);
        var told = new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = $"{pod.Name}.{pod.Uid![..8]}.{Interlocked.Increment(ref _events)}.{Random.Shared.Next():x}" },
            ["involvedObject"] = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Pod", ["namespace"] = pod.Namespace, ["name"] = pod.Name, ["uid"] = pod.Uid },
            ["type"] = type,
            ["reason"] = reason,
            ["message"] = message,
            ["source"] = new JsonObject { ["component"] = "kubelet" },
            ["firstTimestamp"] = now,
            ["lastTimestamp"] = now,
            ["count"] = 1,
        };
        try
        {
            await Api.CreateAsync($"/api/v1/namespaces/{pod.Namespace}/events", told, cancellationToken);
        }
        catch (Exception e) when (e is KubeApiException or HttpRequestException)
        {
            // A namespace that goes takes no events; nothing depends on them.
        }
    }
}
