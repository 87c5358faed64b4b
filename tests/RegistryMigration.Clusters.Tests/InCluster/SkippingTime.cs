namespace RegistryMigration.Clusters.Tests.InCluster;

/// <summary>A clock in which every wait is over at once, and has taken as long as it was to take.</summary>
internal sealed class SkippingTime : TimeProvider
{
    private long _ticks = new DateTime(2026, 1, 1, 12, 0, 0, DateTimeKind.Utc).Ticks;

    /// <summary>Called before each wait: what happens meanwhile.</summary>
    public Action? Meanwhile { get; set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Interlocked.Read(ref _ticks);

    public override DateTimeOffset GetUtcNow() => new(GetTimestamp(), TimeSpan.Zero);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        // Limits of a cleanup are timers too, and must not be over before it began.
        if (dueTime > TimeSpan.FromSeconds(10) || dueTime < TimeSpan.Zero)
            return System.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, period);
        Meanwhile?.Invoke();
        Interlocked.Add(ref _ticks, dueTime.Ticks);
        return System.CreateTimer(callback, state, TimeSpan.FromMilliseconds(1), period);
    }
}
