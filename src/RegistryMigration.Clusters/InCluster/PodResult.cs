using System.Text;
using System.Text.Json;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.InCluster;

/// <summary>Finds the result of a pod's worker: in its last words, which outlive the log, or in the log, which has all of it.</summary>
internal static class PodResult
{
    /// <summary>The result; null where the worker left none (killed, or ended by an error).</summary>
    public static async Task<SyncResult?> ReadAsync(IKubernetesClient client, Resource pod, CancellationToken cancellationToken)
    {
        var summary = PodProblem.LastWordsOf(pod) is { } words ? Parse(words) : null;
        // A completed part has no lists that could have been cut.
        if (summary is { Status: SyncStatus.Completed })
            return summary;
        return await FromLogAsync(client, pod, cancellationToken) ?? summary;
    }

    /// <summary>The last lines that a worker wrote besides progress: its error and its warnings.</summary>
    public static async Task<IReadOnlyList<string>> LastLinesAsync(IKubernetesClient client, Resource pod, int count, CancellationToken cancellationToken)
    {
        var lines = new Queue<string>();
        try
        {
            await foreach (var line in client.ReadLogAsync(pod.Namespace!, pod.Name, new LogOptions { Container = SyncNames.Container, Tail = 200 }, cancellationToken))
            {
                if (WorkerLine.Read(line) is not { Text: { } text })
                    continue;
                lines.Enqueue(text);
                if (lines.Count > count)
                    lines.Dequeue();
            }
        }
        catch (ClusterException e) when (e.Kind is ClusterErrorKind.NotFound or ClusterErrorKind.Invalid or ClusterErrorKind.Other or ClusterErrorKind.Denied)
        {
            // The log is gone, or the container never ran.
        }

        if (lines.Count == 0 && PodProblem.LastWordsOf(pod) is { Length: > 0 } words && Parse(words) is null)
            return [.. words.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => WorkerLine.Read(line).Text).OfType<string>().TakeLast(count)];
        return [.. lines];
    }

    private static async Task<SyncResult?> FromLogAsync(IKubernetesClient client, Resource pod, CancellationToken cancellationToken)
    {
        SyncResult? result = null;
        StringBuilder? block = null;
        try
        {
            await foreach (var line in client.ReadLogAsync(pod.Namespace!, pod.Name, new LogOptions { Container = SyncNames.Container }, cancellationToken))
            {
                // The result is the only text over several lines: it begins and ends with a brace alone.
                if (line == "{")
                    block = new StringBuilder();
                block?.AppendLine(line);
                if (line == "}" && block is not null)
                {
                    result = Parse(block.ToString()) ?? result;
                    block = null;
                }
            }
        }
        catch (ClusterException e) when (e.Kind is ClusterErrorKind.NotFound or ClusterErrorKind.Invalid or ClusterErrorKind.Other)
        {
            // The log went with its node.
        }

        return result;
    }

    private static SyncResult? Parse(string text)
    {
        try
        {
            return text.StartsWith('{') ? SyncResult.FromJson(text) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
