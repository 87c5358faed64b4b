using System.Text.Json;
using System.Text.Json.Nodes;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.InCluster;

/// <summary>One line of a worker's log.</summary>
/// <param name="Progress">Where it is, for lines that tell so.</param>
/// <param name="Text">A warning or error, or a line that is no JSON; null for progress and for lines of the result.</param>
/// <param name="IsWarning">Whether <paramref name="Text"/> is a warning.</param>
internal readonly record struct WorkerLine(SyncProgress? Progress, string? Text, bool IsWarning)
{
    /// <summary>Reads a line; one that nobody understands is text.</summary>
    public static WorkerLine Read(string line)
    {
        // The result's own lines are indented.
        if (line.Length == 0 || line is "{" or "}" || line[0] == ' ')
            return default;
        if (!line.StartsWith("{\"", StringComparison.Ordinal))
            return new WorkerLine(null, line, false);
        try
        {
            var json = JsonNode.Parse(line)!.AsObject();
            if ((string?)json["warning"] is { } warning)
                return new WorkerLine(null, warning, true);
            if ((string?)json["error"] is { } error)
                return new WorkerLine(null, error, false);
            return json.ContainsKey("phase") ? new WorkerLine(json.Deserialize(ModelJson.Default.SyncProgress), null, false) : default;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return new WorkerLine(null, line, false);
        }
    }
}
