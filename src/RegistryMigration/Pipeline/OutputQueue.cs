using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Management.Automation;
using RegistryMigration.Model;

namespace RegistryMigration.Pipeline;

/// <summary>Carries what the work says to the pipeline thread. Writers wait without a thread; the one reader is the pipeline thread.</summary>
/// <remarks>
/// A channel has no reader that may block, and a pipeline thread must: <see cref="TryTake(TimeSpan, out Action{ICommandPipeline}?)"/> is the only place in the module where a
/// thread waits for asynchronous work. Objects and errors are bounded; warnings and summaries come from synchronous callbacks that must
/// not wait, and the engine bounds them; of progress only the newest is kept.
/// </remarks>
#pragma warning disable CA1001 // A semaphore holds nothing until its wait handle is asked for, and a listing that completion gave up on may still write here.
internal sealed class OutputQueue(TimeProvider time, int capacity = 256) : ICommandOutput
#pragma warning restore CA1001
{
    // PowerShell redraws slowly; a record per item took a copy from 8 s to 589 s (PowerShell#2238).
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(200);

    private readonly ConcurrentQueue<(Action<ICommandPipeline> Deliver, bool Bounded)> _items = new();
    private readonly SemaphoreSlim _slots = new(capacity);
    private readonly SemaphoreSlim _available = new(0);
    private readonly object _progressGate = new();
    private IReadOnlyList<ProgressNotice>? _progress;
    private long? _lastProgress;

    /// <summary>What ended the work, once <see cref="TryTake(out Action{ICommandPipeline}?)"/> has said that it is over; null when it ended well.</summary>
    public Exception? Failure { get; private set; }

    public ValueTask WriteAsync(object value, CancellationToken cancellationToken) =>
        EnqueueAsync(pipeline => pipeline.WriteObject(value), cancellationToken);

    public ValueTask WriteErrorAsync(CommandError error, CancellationToken cancellationToken) =>
        EnqueueAsync(pipeline => pipeline.WriteError(error), cancellationToken);

    public void Warn(string message) => Enqueue(pipeline => pipeline.WriteWarning(message), bounded: false);

    public void Verbose(string message) => Enqueue(pipeline => pipeline.WriteVerbose(message), bounded: false);

    public async Task InvokeAsync(ScriptBlock script, CancellationToken cancellationToken)
    {
        // Who waits goes on elsewhere: the pipeline thread has more to deliver.
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Enqueue(pipeline =>
        {
            try
            {
                foreach (var value in pipeline.Invoke(script))
                    pipeline.WriteVerbose($"{value}");
                done.SetResult();
            }
            catch (RuntimeException e)
            {
                // Journals keep messages of our own, and what a script says may hold anything.
                pipeline.WriteWarning($"-Restart: {e.Message}");
                done.SetException(new ClusterException(ClusterErrorKind.Precondition, "The script given with -Restart failed. Restart the registry, then run the same command again.", e));
            }
        }, bounded: false);
        // When the pipeline ends first, what is still in the queue is never delivered.
        await done.Task.WaitAsync(cancellationToken);
    }

    public void Report(IReadOnlyList<ProgressNotice> notices)
    {
        lock (_progressGate)
        {
            if (_lastProgress is { } last && time.GetElapsedTime(last) < ProgressInterval)
                return;
            _lastProgress = time.GetTimestamp();
        }

        if (Interlocked.Exchange(ref _progress, notices) is null)
            Enqueue(DeliverProgress, bounded: false);
    }

    /// <summary>Says that nothing more comes.</summary>
    public void Complete(Exception? failure = null)
    {
        Failure = failure;
        _available.Release();
    }

    /// <summary>Blocks the pipeline thread until there is something to deliver; false when the work is over and all is delivered.</summary>
    public bool TryTake([NotNullWhen(true)] out Action<ICommandPipeline>? deliver) => TryTake(Timeout.InfiniteTimeSpan, out deliver);

    /// <inheritdoc cref="TryTake(out Action{ICommandPipeline}?)" />
    /// <remarks>Also false when nothing came for so long.</remarks>
    public bool TryTake(TimeSpan patience, [NotNullWhen(true)] out Action<ICommandPipeline>? deliver)
    {
        if (!_available.Wait(patience) || !_items.TryDequeue(out var item))
        {
            deliver = null;
            return false;
        }

        if (item.Bounded)
            _slots.Release();
        deliver = item.Deliver;
        return true;
    }

    private async ValueTask EnqueueAsync(Action<ICommandPipeline> deliver, CancellationToken cancellationToken)
    {
        await _slots.WaitAsync(cancellationToken);
        Enqueue(deliver, bounded: true);
    }

    private void Enqueue(Action<ICommandPipeline> deliver, bool bounded)
    {
        _items.Enqueue((deliver, bounded));
        _available.Release();
    }

    private void DeliverProgress(ICommandPipeline pipeline)
    {
        foreach (var notice in Interlocked.Exchange(ref _progress, null) ?? [])
            pipeline.WriteProgress(notice);
    }
}
