namespace RegistryMigration.Engine.Sync.Transfer;

/// <summary>Items that must all be done before something else may start.</summary>
internal sealed class TransferBatch
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _open = 1;
    private int _failed;

    /// <summary>Whether an item is not at the target.</summary>
    public bool HasFailed => Volatile.Read(ref _failed) > 0;

    public void Add() => Interlocked.Increment(ref _open);

    public void Finish(bool done)
    {
        if (!done)
            Interlocked.Increment(ref _failed);
        if (Interlocked.Decrement(ref _open) == 0)
            _done.TrySetResult();
    }

    /// <summary>Says that nothing more is added, and waits for what was.</summary>
    public Task CompleteAsync(CancellationToken cancellationToken)
    {
        Finish(done: true);
        return _done.Task.WaitAsync(cancellationToken);
    }
}
