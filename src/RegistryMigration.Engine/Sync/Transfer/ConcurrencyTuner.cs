namespace RegistryMigration.Engine.Sync.Transfer;

/// <summary>Climbs to the number of transfers that moves the most, and backs off when a server asks for it.</summary>
/// <remarks>
/// Hill climbing: more while the rate rises with it, less when a step did not pay, a new try now and then since networks change.
/// A small object counts as 64 KiB, because it costs a request. Throttling cuts the number by a third at once.
/// </remarks>
internal sealed class ConcurrencyTuner(TransferGate gate, int max, Func<long> throttledAnswers, TimeProvider time)
{
    /// <summary>Where climbing starts; enough for a quick network, harmless for a slow one.</summary>
    public const int Start = 16;

    private const int Min = 2;
    private const int ObjectWeight = 64 << 10;
    private const double Gain = 1.05;
    private const int CalmTicks = 8;
    private const int ProbeEvery = 20;
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(250);

    private long _work;
    private long _throttled;
    private double _best;
    private int _ticks;
    private int _calm;

    /// <summary>Counts bytes that moved.</summary>
    public void OnBytes(int bytes) => Interlocked.Add(ref _work, bytes);

    /// <summary>Counts an object that is done.</summary>
    public void OnObject() => Interlocked.Add(ref _work, ObjectWeight);

    /// <summary>Tunes until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Tick, time);
        var last = time.GetTimestamp();
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                var now = time.GetTimestamp();
                Adjust(Interlocked.Exchange(ref _work, 0) / Math.Max(0.001, time.GetElapsedTime(last, now).TotalSeconds));
                last = now;
            }
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
    }

    private void Adjust(double rate)
    {
        var throttled = throttledAnswers();
        if (throttled > _throttled)
        {
            _throttled = throttled;
            gate.Limit = Math.Max(Min, gate.Limit * 2 / 3);
            _best = 0;
            _calm = CalmTicks;
            return;
        }

        if (_calm > 0)
        {
            _calm--;
            return;
        }

        // With free places the number of transfers is not what limits the rate.
        if (!gate.IsFull)
            return;
        if (rate > _best * Gain || ++_ticks % ProbeEvery == 0)
        {
            _best = rate;
            gate.Limit = Math.Min(max, gate.Limit + Math.Max(1, gate.Limit / 4));
        }
        else if (rate < _best * 0.7)
        {
            _best = Math.Max(rate, _best * 0.9);
            gate.Limit = Math.Max(Min, gate.Limit - Math.Max(1, gate.Limit / 8));
        }
    }
}
