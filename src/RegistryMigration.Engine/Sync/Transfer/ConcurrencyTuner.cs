namespace RegistryMigration.Engine.Sync.Transfer;

/// <summary>Climbs to the number of transfers that moves the most, and backs off when a server asks for it.</summary>
/// <remarks>
/// As TCP's slow start: the number doubles until a step costs throughput, which is then taken back, and a smaller one is tried now and
/// then, since networks change. Rates are judged over a second: single objects make shorter ones jump. A small object counts as
/// 64 KiB, because it costs a request. Throttling cuts the number by a third at once.
/// </remarks>
internal sealed class ConcurrencyTuner(TransferGate gate, int max, Func<long> throttledAnswers, TimeProvider time)
{
    /// <summary>Where climbing starts; enough for a quick network, harmless for a slow one.</summary>
    public const int Start = 16;

    private const int Min = 2;
    private const int ObjectWeight = 64 << 10;
    private const int TicksToJudge = 4;
    private const int JudgementsToWait = 8;
    private const double Loss = 0.8;
    private static readonly TimeSpan TickTime = TimeSpan.FromMilliseconds(250);

    private long _work;
    private long _throttled;
    private double _moved;
    private double _seconds;
    private int _ticks;
    private int _wait;
    private double _growth = 2;
    private Step? _trial;

    /// <summary>Counts bytes that moved.</summary>
    public void OnBytes(int bytes) => Interlocked.Add(ref _work, bytes);

    /// <summary>Counts an object that is done.</summary>
    public void OnObject() => Interlocked.Add(ref _work, ObjectWeight);

    /// <summary>Tunes until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TickTime, time);
        var last = time.GetTimestamp();
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                var now = time.GetTimestamp();
                Tick(time.GetElapsedTime(last, now).TotalSeconds);
                last = now;
            }
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
    }

    /// <summary>Takes what has moved since the last call, and adjusts the number of transfers when there is enough to judge by.</summary>
    internal void Tick(double seconds)
    {
        _moved += Interlocked.Exchange(ref _work, 0);
        _seconds += seconds;
        var throttled = throttledAnswers();
        if (throttled > _throttled)
        {
            _throttled = throttled;
            gate.Limit = Math.Max(Min, gate.Limit * 2 / 3);
            Rest();
        }
        else if (!gate.IsFull)
        {
            // With free places the number of transfers is not what limits the rate.
            Restart();
        }
        else if (++_ticks == TicksToJudge)
        {
            Judge(_moved / Math.Max(0.001, _seconds));
            Restart();
        }
    }

    private void Judge(double rate)
    {
        if (_trial is { } step && rate < step.RateBefore * Loss)
        {
            gate.Limit = step.LimitBefore;
            Rest();
            return;
        }

        _trial = null;
        if (_wait > 0)
        {
            _wait--;
            return;
        }

        if (gate.Limit >= max)
            return;
        _trial = new Step(gate.Limit, rate);
        gate.Limit = Math.Min(max, Math.Max(gate.Limit + 1, (int)(gate.Limit * _growth)));
    }

    private void Rest()
    {
        _trial = null;
        _wait = JudgementsToWait;
        _growth = 1.25;
        Restart();
    }

    private void Restart() => (_moved, _seconds, _ticks) = (0, 0, 0);

    private sealed record Step(int LimitBefore, double RateBefore);
}
