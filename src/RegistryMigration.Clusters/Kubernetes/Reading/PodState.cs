namespace RegistryMigration.Clusters.Kubernetes.Reading;

/// <summary>Reads how a pod is.</summary>
internal static class PodState
{
    /// <summary>What is wrong with a pod; null where it is ready.</summary>
    public static string? TroubleOf(Resource pod)
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

    private static string After(string? message) => string.IsNullOrEmpty(message) ? "" : $": {message.Trim()}";
}
