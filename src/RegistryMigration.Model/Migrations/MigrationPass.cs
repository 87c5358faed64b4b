namespace RegistryMigration.Model;

/// <summary>What a pass is for.</summary>
public enum MigrationPassKind
{
    /// <summary>The registry is in use meanwhile.</summary>
    Live,

    /// <summary>Writes are blocked: what this pass leaves behind is complete.</summary>
    Final,

    /// <summary>From the new storage back to the old one, before an undo that must not lose what was pushed since.</summary>
    Reverse,
}

/// <summary>One pass of a migration, as its journal keeps it: the numbers of a <see cref="SyncResult"/> without its lists.</summary>
public sealed record MigrationPass
{
    /// <summary>Counts from 1 within the migration.</summary>
    public int Number { get; init; }

    /// <summary>What it was for.</summary>
    public MigrationPassKind Kind { get; init; }

    /// <summary>How it ended.</summary>
    public SyncStatus Status { get; init; }

    /// <summary>Where bytes were read: an address.</summary>
    public required string Source { get; init; }

    /// <summary>Where bytes were written: an address.</summary>
    public required string Destination { get; init; }

    /// <summary>The server of <see cref="Source"/>; null where it has none, or was not recorded.</summary>
    public string? SourceServer { get; init; }

    /// <summary>The server of <see cref="Destination"/>; null where it has none, or was not recorded.</summary>
    public string? DestinationServer { get; init; }

    /// <summary>When it began (UTC).</summary>
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>How long it took.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Who ran it: user@machine.</summary>
    public string? By { get; init; }

    /// <summary>Entries compared.</summary>
    public long Listed { get; init; }

    /// <summary>Entries written.</summary>
    public long Copied { get; init; }

    /// <summary>Bytes of <see cref="Copied"/>.</summary>
    public long CopiedBytes { get; init; }

    /// <summary>Entries left for the next pass.</summary>
    public long Deferred { get; init; }

    /// <summary>Entries that could not be copied.</summary>
    public long Failed { get; init; }

    /// <summary>Whether filters left a part of the source out; such a pass proves nothing about the whole.</summary>
    public bool IsPartial { get; init; }

    /// <summary>What is wrong with the content itself: how many entries of each <see cref="DefectKind"/>, by its name.</summary>
    public IReadOnlyDictionary<string, int> Defects { get; init; } = new Dictionary<string, int>();

    /// <summary>Throughput over the pass; empty where nobody measured, or where the journal had no room for it.</summary>
    public IReadOnlyList<ThroughputSample> Samples { get; init; } = [];

    /// <summary>Bytes per second over the whole pass.</summary>
    public double BytesPerSecond => Duration > TimeSpan.Zero ? CopiedBytes / Duration.TotalSeconds : 0;

    /// <summary>Whether it shows that both sides hold the same: nothing copied, nothing left, nothing failed.</summary>
    public bool IsProofOfSameness => IsWhole && Copied == 0;

    /// <summary>Whether everything sound that the source had is at the destination: nothing left out, nothing deferred, nothing failed.</summary>
    public bool IsWhole => !IsPartial && Status is SyncStatus.Completed or SyncStatus.CompletedWithDefects && Deferred == 0 && Failed == 0;

    /// <summary>Whether it read and wrote one and the same place, as a scheduled copy does once the registry is switched: it shows nothing.</summary>
    public bool IsOntoItself => Source == Destination && IsOne(SourceServer, DestinationServer);

    /// <summary>Whether another pass went the opposite way.</summary>
    public bool IsOppositeOf(MigrationPass other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Source == other.Destination && IsOne(SourceServer, other.DestinationServer) && Destination == other.Source && IsOne(DestinationServer, other.SourceServer);
    }

    /// <summary>The numbers of a result.</summary>
    /// <param name="result">What the pass did.</param>
    /// <param name="kind">What it was for.</param>
    /// <param name="samples">Throughput over the pass.</param>
    public static MigrationPass From(SyncResult result, MigrationPassKind kind, IReadOnlyList<ThroughputSample>? samples = null)
    {
        ArgumentNullException.ThrowIfNull(result);
        return new MigrationPass
        {
            Kind = kind,
            Status = result.Status,
            Source = result.Source.ToString(),
            Destination = result.Destination.ToString(),
            SourceServer = result.Source.Server,
            DestinationServer = result.Destination.Server,
            StartedAt = result.StartedAt,
            Duration = result.Duration,
            Listed = result.Listed,
            Copied = result.Copied,
            CopiedBytes = result.CopiedBytes,
            Deferred = result.Deferred,
            Failed = result.Failed,
            Defects = result.Defects.GroupBy(defect => defect.Kind).ToDictionary(group => group.Key.ToString(), group => group.Count(), StringComparer.Ordinal),
            Samples = samples ?? [],
        };
    }

    // Journals of before, and passes that pods ran, have no servers.
    private static bool IsOne(string? one, string? other) => one is null || other is null || one == other;
}

/// <summary>Throughput at one moment of a pass.</summary>
/// <param name="Seconds">Seconds since the pass began.</param>
/// <param name="BytesPerSecond">Bytes per second around then.</param>
public sealed record ThroughputSample(double Seconds, double BytesPerSecond);
