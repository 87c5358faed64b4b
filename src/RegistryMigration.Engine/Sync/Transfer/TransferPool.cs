using System.Threading.Channels;

namespace RegistryMigration.Engine.Sync.Transfer;

/// <summary>Workers that copy what the planner finds.</summary>
internal sealed class TransferPool : IAsyncDisposable
{
    // Deep enough that listing runs ahead and the totals are known early; an item is a few hundred bytes.
    private const int QueueLength = 16_384;

    private readonly Channel<(CopyItem Item, TransferBatch Batch)> _queue = Channel.CreateBounded<(CopyItem, TransferBatch)>(new BoundedChannelOptions(QueueLength) { SingleReader = false, SingleWriter = false });
    private readonly Task[] _workers;
    private readonly TransferGate _gate;
    private readonly Func<CopyItem, CancellationToken, Task<bool>> _copy;

    /// <summary>Starts workers.</summary>
    /// <param name="workers">The most transfers at a time, those included that only wait for the target's disk.</param>
    /// <param name="gate">How many of them may run now.</param>
    /// <param name="copy">Copies one item and tells whether it is at the target now; never throws but for cancellation.</param>
    /// <param name="cancellationToken">Ends all of them.</param>
    public TransferPool(int workers, TransferGate gate, Func<CopyItem, CancellationToken, Task<bool>> copy, CancellationToken cancellationToken)
    {
        _gate = gate;
        _copy = copy;
        _workers = [.. Enumerable.Range(0, workers).Select(_ => Task.Run(() => WorkAsync(cancellationToken), cancellationToken))];
    }

    /// <summary>Queues an item; waits while the queue is full.</summary>
    public ValueTask AddAsync(CopyItem item, TransferBatch batch, CancellationToken cancellationToken)
    {
        batch.Add();
        return _queue.Writer.WriteAsync((item, batch), cancellationToken);
    }

    /// <summary>Ends the workers when the queue is empty.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await Task.WhenAll(_workers).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task WorkAsync(CancellationToken cancellationToken)
    {
        await foreach (var (item, batch) in _queue.Reader.ReadAllAsync(cancellationToken))
        {
            await _gate.EnterAsync(cancellationToken);
            var inside = 1;
            var done = false;
            try
            {
                done = await _copy(item with { Taken = Leave }, cancellationToken);
            }
            finally
            {
                Leave();
                batch.Finish(done);
            }

            void Leave()
            {
                if (Interlocked.Exchange(ref inside, 0) == 1)
                    _gate.Exit();
            }
        }
    }
}
