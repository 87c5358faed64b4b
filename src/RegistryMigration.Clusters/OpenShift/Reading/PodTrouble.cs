using System.Globalization;
using RegistryMigration.Clusters.Kubernetes;

namespace RegistryMigration.Clusters.OpenShift.Reading;

/// <summary>What pods and their newest warning events say about why something does not come up.</summary>
internal static class PodTrouble
{
    private const int Events = 3;

    /// <summary>One line for each pod that is not ready, then the newest warnings; empty where nothing is wrong or nothing may be read.</summary>
    public static async Task<IReadOnlyList<string>> ReadAsync(IKubernetesClient client, string pods, CancellationToken cancellationToken)
    {
        var side = new SideReading(client);
        var found = await side.ListAsync(ResourceTypes.Pods, ImageRegistryNames.Namespace, new ListOptions { Labels = pods }, cancellationToken);
        var lines = found.Select(Of).OfType<string>().ToList();
        lines.AddRange((await WarningsAsync(side, found, cancellationToken)).Take(Events).Select(TextOf));
        return lines;
    }

    /// <summary>What is wrong with a pod; null where it is ready.</summary>
    public static string? Of(Resource pod)
    {
        var name = $"pod {pod.Name}";
        foreach (var container in pod.Items("status", "containerStatuses").Concat(pod.Items("status", "initContainerStatuses")).Select(JsonText.ObjectOf))
        {
            if (container.Section("state", "waiting") is { } waiting)
                return $"{name}: {waiting["reason"] ?? "waiting"}{After(JsonText.ObjectOf(waiting).Text("message"))}";
            if (container.Section("state", "terminated") is { } ended && JsonText.ObjectOf(ended).Number("exitCode") is { } code and not 0)
                return $"{name}: ended with exit code {code}{After(JsonText.ObjectOf(ended).Text("message") ?? JsonText.ObjectOf(ended).Text("reason"))}";
        }

        var conditions = ConditionReader.Read(pod);
        var unscheduled = conditions.FirstOrDefault(condition => condition is { Type: "PodScheduled", Status: false });
        if (unscheduled is not null)
            return $"{name}: not scheduled{After(unscheduled.Message ?? unscheduled.Reason)}";
        var ready = conditions.FirstOrDefault(condition => condition.Type == "Ready");
        return ready is { Status: true } || pod.Text("status", "phase") == "Succeeded" ? null : $"{name}: {pod.Text("status", "phase") ?? "no status"}, not ready{After(ready?.Message ?? ready?.Reason)}";
    }

    /// <summary>Warning events of the namespace about given pods (or anything of the registry where none are given), the newest first.</summary>
    public static async Task<IReadOnlyList<Resource>> WarningsAsync(SideReading side, IReadOnlyCollection<Resource> pods, CancellationToken cancellationToken)
    {
        var events = await side.ListAsync(ResourceTypes.Events, ImageRegistryNames.Namespace, new ListOptions { Fields = "type=Warning" }, cancellationToken);
        var names = pods.Select(pod => pod.Name).ToHashSet(StringComparer.Ordinal);
        return [.. events
            .Where(told => told.Text("type") == "Warning")
            .Where(told => names.Count == 0 || names.Contains(told.Text("involvedObject", "name") ?? "") || told.Text("involvedObject", "kind") != "Pod")
            .OrderByDescending(TimeOf)];
    }

    /// <summary>An event in one line.</summary>
    public static string TextOf(Resource told) => $"{told.Text("involvedObject", "kind")} {told.Text("involvedObject", "name")}: {told.Text("reason")}{After(told.Text("message"))}";

    /// <summary>When an event happened last.</summary>
    public static DateTimeOffset TimeOf(Resource told) =>
        DateTimeOffset.TryParse(
            told.Text("series", "lastObservedTime") ?? told.Text("lastTimestamp") ?? told.Text("eventTime") ?? told.Text("metadata", "creationTimestamp"),
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal,
            out var time)
            ? time
            : DateTimeOffset.MinValue;

    private static string After(string? message) => string.IsNullOrEmpty(message) ? "" : $": {message.Trim()}";
}
