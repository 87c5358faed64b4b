using System.Diagnostics;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Engine.Sync.Planning;
using RegistryMigration.Engine.Sync.Selection;
using RegistryMigration.Engine.Sync.Transfer;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Sync;

/// <summary>One run of a sync: brings a target to what its source has, in an order that keeps a partial target harmless.</summary>
/// <remarks>
/// Resume needs no state: what is at the target already is not copied again. The pass reports failures in its result and throws only
/// for options that make no sense.
/// </remarks>
public sealed class SyncPass
{
    // A group is what is written while another one is flushed: 10 ms or so of small files. Each may hold its buffer of up to 128 KiB.
    private const int WaitingForDisk = 448;

    private readonly SyncRun _run;
    private readonly List<PhaseResult> _phases = [];

    /// <summary>Prepares a pass; nothing is sent yet.</summary>
    /// <exception cref="StoreException">The two stores hold different layouts.</exception>
    /// <exception cref="ArgumentException">The options contradict each other.</exception>
    public SyncPass(OpenStore source, OpenStore target, SyncOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(options);
        if (options.Prune && (options.IsFiltered || !options.Shard.IsAll || options.Phases != SyncPhases.All))
            throw new ArgumentException("Pruning needs to see everything: leave away filters, shards and single phases.", nameof(options));
        _run = new SyncRun(source, target, options, time, message => Warning?.Invoke(message));
    }

    /// <summary>Receives progress, at most five times a second.</summary>
    public IProgress<SyncProgress>? Progress { get; init; }

    /// <summary>Receives what somebody should know while the pass goes on (a pause for expired credentials).</summary>
    public Action<string>? Warning { get; init; }

    /// <summary>Runs the pass to its end, to its failure, or to its cancellation.</summary>
    public async Task<SyncResult> RunAsync(CancellationToken cancellationToken)
    {
        using var activity = EngineDiagnostics.Activities.StartActivity("sync");
        var startedAt = _run.Time.GetUtcNow();
        var started = _run.Time.GetTimestamp();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var copies = new ItemTransfer(_run, stop);
        var reporter = new ProgressReporter(_run, Progress);
        var background = Task.WhenAll(_run.Options.Concurrency is null ? _run.Tuner.RunAsync(stop.Token) : Task.CompletedTask, reporter.RunAsync(stop.Token));
        SyncStatus? ended = null;
        try
        {
            await using var pool = new TransferPool(Workers(), _run.Gate, copies.RunAsync, stop.Token);
            await RunPhasesAsync(pool, reporter, stop.Token);
        }
        catch (StoreException e)
        {
            _run.Tally.OnFailure(new SyncFailure(e.Key ?? "", e.Party ?? Party.Source, e.Kind, e.Message));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            ended = cancellationToken.IsCancellationRequested ? SyncStatus.Interrupted : SyncStatus.Failed;
        }

        await stop.CancelAsync();
        await background;
        var result = SyncResultBuilder.Build(_run, _phases, startedAt, _run.Time.GetElapsedTime(started), ended);
        activity?.SetTag("status", result.Status.ToString());
        activity?.SetStatus(result.Status == SyncStatus.Failed ? ActivityStatusCode.Error : ActivityStatusCode.Ok);
        return result;
    }

    // What waits for a disk together with others moves no bytes, and is on top of what is allowed to.
    private int Workers() => (_run.Options.Concurrency ?? _run.Options.MaxConcurrency) + (_run.Target.Store.Capabilities.GroupsWrites ? WaitingForDisk : 0);

    private async Task RunPhasesAsync(TransferPool pool, ProgressReporter reporter, CancellationToken cancellationToken)
    {
        var layout = _run.Source.Layout;
        var prune = _run.Options.Prune ? new PrunePhase(_run) : null;
        ISelection selection = _run.Options.IsFiltered ? await ClosureSelection.FindAsync(_run, cancellationToken) : EverythingSelection.Instance;
        var planner = new EntryPlanner(layout, selection, _run.Tally, prune is null ? null : prune.Add);
        if (_run.Options.Phases.HasFlag(SyncPhases.Blobs))
        {
            var blobs = new BlobPhase(_run, planner, pool);
            foreach (var prefix in layout.BlobPrefixes)
                await MeasureAsync(prefix.TrimEnd('/'), reporter, async () => await blobs.RunAsync(await _run.Shards.BlobsAsync(prefix, cancellationToken), cancellationToken));
            if (await _run.Shards.FilesAsync(layout, cancellationToken) is { Count: > 0 } files)
                await MeasureAsync("files", reporter, () => blobs.RunAsync(files, cancellationToken));
        }

        if (_run.Options.Phases.HasFlag(SyncPhases.Links) && layout.RepositoriesPrefix is { } repositories)
        {
            using var links = new LinkPhase(_run, planner, pool);
            await MeasureAsync("links", reporter, async () => await links.RunAsync(await _run.Shards.NamesAsync(repositories, cancellationToken), cancellationToken));
        }

        if (prune is not null)
            await MeasureAsync("prune", reporter, () => prune.RunAsync(cancellationToken));
    }

    private async Task MeasureAsync(string name, ProgressReporter reporter, Func<Task> phase)
    {
        using var activity = EngineDiagnostics.Activities.StartActivity(name);
        reporter.Phase = name;
        var tally = _run.Tally;
        var started = _run.Time.GetTimestamp();
        var (listed, copied, bytes) = (tally.Listed, tally.Copied, tally.CopiedBytes);
        try
        {
            await phase();
        }
        finally
        {
            _phases.Add(new PhaseResult(name, _run.Time.GetElapsedTime(started), tally.Listed - listed, tally.Copied - copied, tally.CopiedBytes - bytes));
        }
    }
}
