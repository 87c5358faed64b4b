using System.Globalization;
using System.Text.Json.Nodes;

namespace RegistryMigration.Clusters.InCluster;

/// <summary>The Jobs of a copy. One part does all phases; several finish the blobs before any of them begins with links.</summary>
internal sealed class JobManifests(SyncJobRequest request, string name, PodManifest pods)
{
    /// <summary>Copies everything in one part.</summary>
    public const string All = "all";

    /// <summary>Copies blobs.</summary>
    public const string Blobs = "blobs";

    /// <summary>Copies links, when all blobs are there.</summary>
    public const string Links = "links";

    // The Job controller fills it in: https://kubernetes.io/docs/concepts/workloads/controllers/job/#completion-mode
    private const string IndexVariable = "$(JOB_COMPLETION_INDEX)";

    /// <summary>The phases in order.</summary>
    public IReadOnlyList<string> Phases => request.Shards == 1 ? [All] : [Blobs, Links];

    /// <summary>The Jobs of a phase.</summary>
    /// <param name="phase">The phase.</param>
    /// <param name="indexed">Whether the cluster has Indexed Jobs (1.21 and later); where it has not, each part gets a Job of its own.</param>
    public IReadOnlyList<JsonObject> Of(string phase, bool indexed)
    {
        if (request.Shards == 1)
            return [Job(phase, null, 1, null)];
        return indexed
            ? [Job(phase, string.Create(CultureInfo.InvariantCulture, $"{IndexVariable}/{request.Shards}"), request.Shards, null)]
            : [.. Enumerable.Range(0, request.Shards).Select(index => Job(phase, string.Create(CultureInfo.InvariantCulture, $"{index}/{request.Shards}"), 1, index))];
    }

    private JsonObject Job(string phase, string? shard, int completions, int? index)
    {
        var spec = new JsonObject
        {
            ["completions"] = completions,
            ["parallelism"] = Math.Min(request.Parallelism, completions),
            // The limit counts over all parts.
            ["backoffLimit"] = request.Retries * completions,
            ["template"] = pods.Template(phase, shard, index),
        };
        if (completions > 1)
            spec["completionMode"] = "Indexed";
        // What an earlier phase left is needed until the last one is done.
        if (phase == Phases[^1])
            spec["ttlSecondsAfterFinished"] = (long)request.KeepFor.TotalSeconds;
        return new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = index is { } part ? string.Create(CultureInfo.InvariantCulture, $"{name}-{phase}-{part}") : $"{name}-{phase}", ["labels"] = PodManifest.Labels(name, phase, index) },
            ["spec"] = spec,
        };
    }
}
