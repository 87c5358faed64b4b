using System.Text.Json.Serialization;

namespace RegistryMigration.Model;

/// <summary>What a pass did.</summary>
public sealed record SyncResult
{
    /// <summary>How it ended.</summary>
    public SyncStatus Status { get; init; }

    /// <summary>Where bytes were read.</summary>
    [JsonConverter(typeof(RegistryStoreJsonConverter))]
    public required RegistryStore Source { get; init; }

    /// <summary>Where bytes were written; pipes on into the next cmdlet.</summary>
    [JsonConverter(typeof(RegistryStoreJsonConverter))]
    public required RegistryStore Destination { get; init; }

    /// <summary>When it began (UTC).</summary>
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>How long it took.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Entries compared.</summary>
    public long Listed { get; init; }

    /// <summary>Entries that were the same on both sides.</summary>
    public long Unchanged { get; init; }

    /// <summary>Entries written, new and overwritten.</summary>
    public long Copied { get; init; }

    /// <summary>Bytes of <see cref="Copied"/>.</summary>
    public long CopiedBytes { get; init; }

    /// <summary>Those of <see cref="Copied"/> that replaced something else.</summary>
    public long Overwritten { get; init; }

    /// <summary>Those of <see cref="Copied"/> that the server copied by itself, so that no byte was hashed here.</summary>
    public long ServerSideCopied { get; init; }

    /// <summary>Entries that somebody else wrote meanwhile.</summary>
    public long AlreadyPresent { get; init; }

    /// <summary>Entries deleted from the target.</summary>
    public long Deleted { get; init; }

    /// <summary>Source entries that were gone when they were to be read (a live registry deletes).</summary>
    public long Vanished { get; init; }

    /// <summary>Links left for the next pass, since what they point at is not at the target yet.</summary>
    public long Deferred { get; init; }

    /// <summary>Entries that could not be copied.</summary>
    public long Failed { get; init; }

    /// <summary>What was left out by meaning.</summary>
    public IReadOnlyList<SkippedEntries> Skipped { get; init; } = [];

    /// <summary>Per phase: name, time, entries and bytes.</summary>
    public IReadOnlyList<PhaseResult> Phases { get; init; } = [];

    /// <summary>The first failures, with who failed.</summary>
    public IReadOnlyList<SyncFailure> Failures { get; init; } = [];

    /// <summary>What is wrong with the content itself.</summary>
    public IReadOnlyList<StoreDefect> Defects { get; init; } = [];

    /// <summary>Requests, retries and bytes at the source.</summary>
    public TrafficResult SourceTraffic { get; init; } = new();

    /// <summary>Requests, retries and bytes at the target.</summary>
    public TrafficResult DestinationTraffic { get; init; } = new();

    /// <summary>Bytes per second over the whole pass.</summary>
    public double BytesPerSecond => Duration > TimeSpan.Zero ? CopiedBytes / Duration.TotalSeconds : 0;

    /// <summary>The result as indented JSON.</summary>
    public string ToJson() => System.Text.Json.JsonSerializer.Serialize(this, ModelJson.Default.SyncResult);

    /// <summary>Reads a result that was written as JSON; its stores have their addresses only.</summary>
    /// <exception cref="System.Text.Json.JsonException">The text is no such JSON.</exception>
    public static SyncResult FromJson(string json) =>
        System.Text.Json.JsonSerializer.Deserialize(json, ModelJson.Default.SyncResult) ?? throw new System.Text.Json.JsonException("The text is null.");
}

/// <summary>How a pass ended.</summary>
public enum SyncStatus
{
    /// <summary>Everything that was to be copied is at the target.</summary>
    Completed,

    /// <summary>Everything that can be copied is at the target; some of the source is broken.</summary>
    CompletedWithDefects,

    /// <summary>Something could not be copied; run it again after the cause is gone.</summary>
    Failed,

    /// <summary>It was stopped; run it again to go on.</summary>
    Interrupted,
}

/// <summary>One phase of a pass.</summary>
/// <param name="Name">blobs, files or links.</param>
/// <param name="Duration">Its time.</param>
/// <param name="Listed">Entries compared.</param>
/// <param name="Copied">Entries written.</param>
/// <param name="CopiedBytes">Bytes written.</param>
public sealed record PhaseResult(string Name, TimeSpan Duration, long Listed, long Copied, long CopiedBytes);

/// <summary>One entry that could not be copied.</summary>
/// <param name="Key">The key, or the prefix whose listing failed.</param>
/// <param name="Party">Who failed.</param>
/// <param name="Kind">How.</param>
/// <param name="Message">What happened and what to do next.</param>
public sealed record SyncFailure(string Key, Party Party, StoreErrorKind Kind, string Message);

/// <summary>What passed between us and a store.</summary>
/// <param name="Requests">Requests, or file operations of the same weight.</param>
/// <param name="Retries">Requests sent again.</param>
/// <param name="Throttled">Answers that asked to slow down.</param>
/// <param name="BytesRead">Content bytes received.</param>
/// <param name="BytesWritten">Content bytes sent, those of failed attempts included.</param>
public sealed record TrafficResult(long Requests = 0, long Retries = 0, long Throttled = 0, long BytesRead = 0, long BytesWritten = 0);
