using System.Globalization;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Kubernetes.Reading;

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
        var lines = found.Select(PodState.TroubleOf).OfType<string>().ToList();
        lines.AddRange((await WarningsAsync(side, found, cancellationToken)).Take(Events).Select(TextOf));
        return lines;
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
