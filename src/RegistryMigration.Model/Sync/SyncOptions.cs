namespace RegistryMigration.Model;

/// <summary>What a sync is to do and how much it may use. The defaults need no tuning.</summary>
public sealed record SyncOptions
{
    /// <summary>Repositories to copy, as wildcards (<c>*</c>, <c>?</c>); empty for all.</summary>
    public IReadOnlyList<string> Repositories { get; init; } = [];

    /// <summary>Tags to copy, as wildcards; empty for all.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Copy only the N tags of each repository that were moved last; null for all.</summary>
    public int? NewestTags { get; init; }

    /// <summary>Delete from the target what the source does not have, after everything else succeeded.</summary>
    public bool Prune { get; init; }

    /// <summary>Deletes that a prune may make; with more than this planned it deletes nothing and says so.</summary>
    public int MaxDeletes { get; init; } = 1000;

    /// <summary>A fixed number of transfers at a time; null lets it climb while throughput rises. Writes that only wait for a directory's disk do not count.</summary>
    public int? Concurrency { get; init; }

    /// <summary>The most transfers at a time when climbing.</summary>
    public int MaxConcurrency { get; init; } = 64;

    /// <summary>Bytes of buffers for parts and segments of large objects that all transfers together may hold.</summary>
    public long MemoryBudget { get; init; } = 48L << 20;

    /// <summary>A limit of content bytes per second over all transfers; null for none.</summary>
    public long? BytesPerSecond { get; init; }

    /// <summary>A transfer that moves no byte for this long is cut and retried.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How failures that may pass are retried.</summary>
    public RetryOptions Retry { get; init; } = new();

    /// <summary>How long a run waits for expired credentials to be renewed from outside before it fails.</summary>
    public TimeSpan CredentialPause { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Objects that may fail before the run stops.</summary>
    public int MaxFailures { get; init; } = 1000;

    /// <summary>Let the server copy when both stores are its own.</summary>
    public bool ServerSideCopy { get; init; } = true;

    /// <summary>Which part of the work this run takes, when several share it.</summary>
    public SyncShard Shard { get; init; } = SyncShard.All;

    /// <summary>Which phases to run; several runs that share the work finish the blobs before any of them starts on links.</summary>
    public SyncPhases Phases { get; init; } = SyncPhases.All;

    /// <summary>Whether the run takes less than everything.</summary>
    public bool IsFiltered => Repositories.Count > 0 || Tags.Count > 0 || NewestTags is not null;
}

/// <summary>The work of a sync, in the order that keeps a partial target harmless.</summary>
[Flags]
public enum SyncPhases
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Blob data, and Quay's other files.</summary>
    Blobs = 1,

    /// <summary>Layer links, revision links, tag index links, tag current links.</summary>
    Links = 2,

    /// <summary>Everything.</summary>
    All = Blobs | Links,
}

/// <summary>One of several equal parts of the work, written <c>i/n</c> with i from 0.</summary>
/// <param name="Index">Which part, from 0.</param>
/// <param name="Count">Parts in all.</param>
public readonly record struct SyncShard(int Index, int Count)
{
    /// <summary>The whole work.</summary>
    public static readonly SyncShard All = new(0, 1);

    /// <summary>Whether this is the whole work.</summary>
    public bool IsAll => Count <= 1;

    /// <summary>Reads <c>i/n</c>.</summary>
    /// <exception cref="FormatException">The text is not two numbers with 0 ≤ i &lt; n.</exception>
    public static SyncShard Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var parts = text.Split('/');
        return parts.Length == 2
               && int.TryParse(parts[0], System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var index)
               && int.TryParse(parts[1], System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var count)
               && index < count
            ? new SyncShard(index, count)
            : throw new FormatException($"'{text}' is no shard. Expected i/n with i from 0 to n-1, for example 0/4.");
    }

    /// <summary>Whether this part takes the blobs below a first digest byte.</summary>
    public bool TakesBlobs(int firstByte) => firstByte % Count == Index;

    /// <summary>Whether this part takes a top-level name below repositories.</summary>
    public bool TakesName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        // FNV-1a: the same on every machine and in every process, which string.GetHashCode is not.
        var hash = 2166136261u;
        foreach (var c in name)
            hash = (hash ^ c) * 16777619u;
        return hash % (uint)Count == (uint)Index;
    }

    /// <summary><c>i/n</c>.</summary>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Index}/{Count}");
}
