using RegistryMigration.Engine.Stores;
using RegistryMigration.Engine.Sync.Transfer;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Sync;

/// <summary>Turns the books of a pass into its result.</summary>
internal static class SyncResultBuilder
{
    public static SyncResult Build(SyncRun run, IReadOnlyList<PhaseResult> phases, DateTimeOffset startedAt, TimeSpan duration, SyncStatus? ended)
    {
        var tally = run.Tally;
        return new SyncResult
        {
            Status = ended ?? (tally.Failed > 0 ? SyncStatus.Failed : tally.Defects.Length > 0 ? SyncStatus.CompletedWithDefects : SyncStatus.Completed),
            Source = run.Source.Definition,
            Destination = run.Target.Definition,
            StartedAt = startedAt,
            Duration = duration,
            Listed = tally.Listed,
            Unchanged = tally.Unchanged,
            Copied = tally.Copied,
            CopiedBytes = tally.CopiedBytes,
            Overwritten = tally.Overwritten,
            ServerSideCopied = tally.ServerSide,
            AlreadyPresent = tally.Count(CopyOutcomeKind.AlreadyPresent),
            Deleted = tally.Deleted,
            Vanished = tally.Count(CopyOutcomeKind.Vanished),
            Deferred = tally.Count(CopyOutcomeKind.Deferred),
            Failed = tally.Failed,
            Skipped = tally.Skipped,
            Phases = phases,
            Failures = tally.Failures,
            Defects = tally.Defects,
            SourceTraffic = Traffic(run.Source.Store.Traffic),
            DestinationTraffic = Traffic(run.Target.Store.Traffic),
        };
    }

    private static TrafficResult Traffic(StoreTraffic traffic) =>
        new(traffic.Requests, traffic.Retries, traffic.Throttled, traffic.BytesRead, traffic.BytesWritten);
}
