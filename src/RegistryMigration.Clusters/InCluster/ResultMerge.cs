using RegistryMigration.Model;

namespace RegistryMigration.Clusters.InCluster;

/// <summary>Makes one result of those of all parts and phases, as if one pass had done it all.</summary>
internal static class ResultMerge
{
    /// <summary>Failures that are kept, as in a single pass.</summary>
    public const int MaxFailures = 1000;

    /// <summary>Defects that are kept.</summary>
    public const int MaxDefects = 10_000;

    /// <summary>The whole.</summary>
    /// <param name="source">What was read.</param>
    /// <param name="destination">What was written.</param>
    /// <param name="parts">Results of all parts: of each its last attempt, which looked at all that the part has.</param>
    /// <param name="unknown">Parts that left no result: they make the whole a failure, since nobody knows what they did.</param>
    public static SyncResult Merge(RegistryStore source, RegistryStore destination, IReadOnlyList<SyncResult> parts, IReadOnlyList<SyncFailure> unknown)
    {
        var startedAt = parts.Count > 0 ? parts.Min(part => part.StartedAt) : default;
        return new SyncResult
        {
            Source = source,
            Destination = destination,
            Status = unknown.Count > 0 ? SyncStatus.Failed : parts.Select(part => part.Status).MaxBy(Severity),
            StartedAt = startedAt,
            Duration = parts.Count > 0 ? parts.Max(part => part.StartedAt + part.Duration) - startedAt : default,
            Listed = parts.Sum(part => part.Listed),
            Unchanged = parts.Sum(part => part.Unchanged),
            Copied = parts.Sum(part => part.Copied),
            CopiedBytes = parts.Sum(part => part.CopiedBytes),
            Overwritten = parts.Sum(part => part.Overwritten),
            ServerSideCopied = parts.Sum(part => part.ServerSideCopied),
            AlreadyPresent = parts.Sum(part => part.AlreadyPresent),
            Deleted = parts.Sum(part => part.Deleted),
            Vanished = parts.Sum(part => part.Vanished),
            Deferred = parts.Sum(part => part.Deferred),
            Failed = parts.Sum(part => part.Failed) + unknown.Count,
            Skipped = [.. parts.SelectMany(part => part.Skipped).GroupBy(skipped => skipped.Kind).Select(kind => new SkippedEntries(kind.Key, kind.Sum(skipped => skipped.Count), kind.Sum(skipped => skipped.Bytes)))],
            // Parts of a phase run side by side: it took as long as the longest.
            Phases = [.. parts.SelectMany(part => part.Phases).GroupBy(phase => phase.Name, StringComparer.Ordinal).Select(phase =>
                new PhaseResult(phase.Key, phase.Max(part => part.Duration), phase.Sum(part => part.Listed), phase.Sum(part => part.Copied), phase.Sum(part => part.CopiedBytes)))],
            Failures = [.. unknown.Concat(parts.SelectMany(part => part.Failures)).Take(MaxFailures)],
            Defects = [.. parts.SelectMany(part => part.Defects).Take(MaxDefects)],
            SourceTraffic = Sum(parts.Select(part => part.SourceTraffic)),
            DestinationTraffic = Sum(parts.Select(part => part.DestinationTraffic)),
        };
    }

    private static int Severity(SyncStatus status) => status switch
    {
        SyncStatus.Completed => 0,
        SyncStatus.CompletedWithDefects => 1,
        SyncStatus.Interrupted => 2,
        _ => 3,
    };

    private static TrafficResult Sum(IEnumerable<TrafficResult> traffic) => traffic.Aggregate(new TrafficResult(), (sum, part) =>
        new TrafficResult(sum.Requests + part.Requests, sum.Retries + part.Retries, sum.Throttled + part.Throttled, sum.BytesRead + part.BytesRead, sum.BytesWritten + part.BytesWritten));
}
