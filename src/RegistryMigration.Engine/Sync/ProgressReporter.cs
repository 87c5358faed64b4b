using RegistryMigration.Model;

namespace RegistryMigration.Engine.Sync;

/// <summary>Tells where a pass is, a few times a second however many objects move.</summary>
internal sealed class ProgressReporter(SyncRun run, IProgress<SyncProgress>? progress)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    // The rate is that of the last seconds: it tells of a slow-down soon and does not jump with every object.
    private const double Smoothing = 0.15;

    private double _rate;

    /// <summary>The phase under way.</summary>
    public string Phase { get; set; } = "listing";

    /// <summary>Reports until cancelled, and once more at the end.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (progress is null)
            return;
        using var timer = new PeriodicTimer(Interval, run.Time);
        var last = run.Time.GetTimestamp();
        var lastBytes = 0L;
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                var now = run.Time.GetTimestamp();
                var bytes = run.Tally.MovedBytes;
                _rate += Smoothing * ((bytes - lastBytes) / Math.Max(0.001, run.Time.GetElapsedTime(last, now).TotalSeconds) - _rate);
                (last, lastBytes) = (now, bytes);
                progress.Report(Snapshot());
            }
        }
        catch (OperationCanceledException)
        {
            progress.Report(Snapshot());
        }
    }

    private SyncProgress Snapshot()
    {
        var tally = run.Tally;
        var left = tally.PlannedBytes - tally.CopiedBytes;
        return new SyncProgress
        {
            Phase = Phase,
            Copied = tally.Copied,
            CopiedBytes = tally.MovedBytes,
            Planned = tally.Planned,
            PlannedBytes = tally.PlannedBytes,
            Listed = tally.Listed,
            Unchanged = tally.Unchanged,
            Failed = tally.Failed,
            BytesPerSecond = _rate,
            Concurrency = run.Gate.Limit,
            Remaining = _rate > 1 && left > 0 ? TimeSpan.FromSeconds(left / _rate) : null,
        };
    }
}
