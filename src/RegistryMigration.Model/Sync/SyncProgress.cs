namespace RegistryMigration.Model;

/// <summary>Where a sync is. Sent a few times a second at most.</summary>
public sealed record SyncProgress
{
    /// <summary>The phase under way.</summary>
    public required string Phase { get; init; }

    /// <summary>Entries copied so far.</summary>
    public long Copied { get; init; }

    /// <summary>Bytes copied so far, those of unfinished objects included.</summary>
    public long CopiedBytes { get; init; }

    /// <summary>Entries found to be copied so far; the listing runs ahead of the copies.</summary>
    public long Planned { get; init; }

    /// <summary>Bytes found to be copied so far.</summary>
    public long PlannedBytes { get; init; }

    /// <summary>Entries compared so far.</summary>
    public long Listed { get; init; }

    /// <summary>Entries found the same on both sides so far.</summary>
    public long Unchanged { get; init; }

    /// <summary>Entries that failed so far.</summary>
    public long Failed { get; init; }

    /// <summary>Bytes per second over the last seconds.</summary>
    public double BytesPerSecond { get; init; }

    /// <summary>Transfers at a time.</summary>
    public int Concurrency { get; init; }

    /// <summary>Time left for what is planned; null while it can't be told.</summary>
    public TimeSpan? Remaining { get; init; }
}
