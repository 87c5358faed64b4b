namespace RegistryMigration.Engine.Sync.Transfer;

/// <summary>Spreads content bytes over time; shared by all transfers of a run.</summary>
internal sealed class BandwidthLimit(long? bytesPerSecond, TimeProvider time)
{
    private readonly object _gate = new();
    private long _nextFree = time.GetTimestamp();

    /// <summary>Waits as long as these bytes take at the limit; at once where there is none.</summary>
    public ValueTask SpendAsync(int bytes, CancellationToken cancellationToken)
    {
        if (bytesPerSecond is not { } limit || bytes == 0)
            return default;
        TimeSpan wait;
        lock (_gate)
        {
            var now = time.GetTimestamp();
            _nextFree = Math.Max(_nextFree, now) + (long)((double)bytes / limit * time.TimestampFrequency);
            wait = time.GetElapsedTime(now, _nextFree);
        }

        return wait > TimeSpan.FromMilliseconds(1) ? new ValueTask(Task.Delay(wait, time, cancellationToken)) : default;
    }
}
