namespace RegistryMigration.Engine.Sync.Transfer;

/// <summary>Lets a changing number of transfers run at a time.</summary>
internal sealed class TransferGate(int limit)
{
    private readonly object _gate = new();
    private readonly Queue<TaskCompletionSource> _waiting = new();
    private int _limit = limit;
    private int _inUse;

    /// <summary>Transfers that may run at a time; those that run already are not stopped.</summary>
    public int Limit
    {
        get => Volatile.Read(ref _limit);
        set
        {
            lock (_gate)
            {
                _limit = Math.Max(1, value);
                Admit();
            }
        }
    }

    /// <summary>Whether every place is taken, so that more places could help.</summary>
    public bool IsFull
    {
        get
        {
            lock (_gate)
                return _inUse >= _limit;
        }
    }

    /// <summary>Waits for a place. Every entry must be followed by <see cref="Exit"/>.</summary>
    public async ValueTask EnterAsync(CancellationToken cancellationToken)
    {
        TaskCompletionSource turn;
        lock (_gate)
        {
            if (_inUse < _limit && _waiting.Count == 0)
            {
                _inUse++;
                return;
            }

            turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue(turn);
        }

        // A turn that is cancelled stays in the queue; whoever admits it finds out and takes the next one.
        await using (cancellationToken.UnsafeRegister(static (turn, token) => ((TaskCompletionSource)turn!).TrySetCanceled(token), turn))
            await turn.Task;
    }

    /// <summary>Gives the place back.</summary>
    public void Exit()
    {
        lock (_gate)
        {
            _inUse--;
            Admit();
        }
    }

    private void Admit()
    {
        while (_inUse < _limit && _waiting.TryDequeue(out var turn))
        {
            if (turn.TrySetResult())
                _inUse++;
        }
    }
}
