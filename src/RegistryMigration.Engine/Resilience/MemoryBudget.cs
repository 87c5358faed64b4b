using System.Collections.Concurrent;

namespace RegistryMigration.Engine.Resilience;

/// <summary>A bounded number of bytes that concurrent transfers share.</summary>
/// <remarks>A request above the whole budget is granted when nothing else is held, so that a small budget slows and never blocks.</remarks>
public sealed class MemoryBudget
{
    private readonly long _capacity;
    private readonly object _gate = new();
    private readonly LinkedList<(long Bytes, TaskCompletionSource Ready)> _waiting = new();
    private readonly ConcurrentBag<byte[]> _blocks = [];
    private long _used;

    /// <summary>A budget of this many bytes.</summary>
    public MemoryBudget(long capacity) => _capacity = capacity;

    /// <summary>Bytes of one block.</summary>
    public const int BlockSize = 1 << 20;

    /// <summary>A block of memory against bytes that were acquired; give it back before the lease.</summary>
    /// <remarks>Kept here and not in the shared array pool, which holds arrays of this size for every thread: memory stays at what was in use at once.</remarks>
    public byte[] RentBlock() => _blocks.TryTake(out var block) ? block : GC.AllocateUninitializedArray<byte>(BlockSize);

    /// <summary>Gives a block back.</summary>
    public void ReturnBlock(byte[] block) => _blocks.Add(block);

    /// <summary>Waits until the bytes are free and takes them; dispose the answer to give them back.</summary>
    public async ValueTask<Lease> AcquireAsync(long bytes, CancellationToken cancellationToken)
    {
        LinkedListNode<(long, TaskCompletionSource Ready)> node;
        lock (_gate)
        {
            if (_waiting.Count == 0 && Fits(bytes))
            {
                _used += bytes;
                return new Lease(this, bytes);
            }

            node = _waiting.AddLast((bytes, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)));
        }

        await using (cancellationToken.Register(() => Abandon(node, cancellationToken)))
            await node.Value.Ready.Task;
        return new Lease(this, bytes);
    }

    private bool Fits(long bytes) => _used == 0 || _used + bytes <= _capacity;

    private void Abandon(LinkedListNode<(long, TaskCompletionSource Ready)> node, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (node.List is null)
                return;
            _waiting.Remove(node);
            Grant();
        }

        node.Value.Ready.TrySetCanceled(cancellationToken);
    }

    private void Release(long bytes)
    {
        lock (_gate)
        {
            _used -= bytes;
            Grant();
        }
    }

    private void Grant()
    {
        while (_waiting.First is { } first && Fits(first.Value.Bytes))
        {
            _used += first.Value.Bytes;
            _waiting.RemoveFirst();
            first.Value.Ready.TrySetResult();
        }
    }

    /// <summary>Bytes taken from the budget.</summary>
    public sealed class Lease : IDisposable
    {
        private MemoryBudget? _budget;
        private readonly long _bytes;

        internal Lease(MemoryBudget budget, long bytes)
        {
            _budget = budget;
            _bytes = bytes;
        }

        /// <summary>Gives the bytes back; a second call does nothing.</summary>
        public void Dispose() => Interlocked.Exchange(ref _budget, null)?.Release(_bytes);
    }
}
