using System.Diagnostics.Metrics;

namespace RegistryMigration.Engine.Stores;

/// <summary>Counts what passes between us and one store; the same numbers go to the meter <c>RegistryMigration</c>.</summary>
public sealed class StoreTraffic
{
    private static readonly Counter<long> RequestCounter = EngineDiagnostics.Meter.CreateCounter<long>("registrymigration.store.requests", "{request}", "Requests sent to a store");
    private static readonly Counter<long> RetryCounter = EngineDiagnostics.Meter.CreateCounter<long>("registrymigration.store.retries", "{request}", "Requests sent again");
    private static readonly Counter<long> ReadCounter = EngineDiagnostics.Meter.CreateCounter<long>("registrymigration.store.read", "By", "Content bytes read from a store");
    private static readonly Counter<long> WrittenCounter = EngineDiagnostics.Meter.CreateCounter<long>("registrymigration.store.written", "By", "Content bytes sent to a store");

    private readonly KeyValuePair<string, object?> _tag;
    private long _requests;
    private long _retries;
    private long _throttled;
    private long _bytesRead;
    private long _bytesWritten;

    /// <summary>Counts for the store of this kind (the value of the metric's tag).</summary>
    public StoreTraffic(string kind) => _tag = new("store", kind);

    /// <summary>Requests (or file operations of the same weight) so far.</summary>
    public long Requests => Interlocked.Read(ref _requests);

    /// <summary>Requests that were sent again.</summary>
    public long Retries => Interlocked.Read(ref _retries);

    /// <summary>Answers that asked us to slow down.</summary>
    public long Throttled => Interlocked.Read(ref _throttled);

    /// <summary>Content bytes received.</summary>
    public long BytesRead => Interlocked.Read(ref _bytesRead);

    /// <summary>Content bytes sent, those of failed attempts included.</summary>
    public long BytesWritten => Interlocked.Read(ref _bytesWritten);

    /// <summary>Counts one request.</summary>
    public void CountRequest()
    {
        Interlocked.Increment(ref _requests);
        RequestCounter.Add(1, _tag);
    }

    /// <summary>Counts one request sent again.</summary>
    public void CountRetry(bool throttled)
    {
        Interlocked.Increment(ref _retries);
        if (throttled)
            Interlocked.Increment(ref _throttled);
        RetryCounter.Add(1, _tag);
    }

    /// <summary>Counts content bytes received.</summary>
    public void CountRead(long bytes)
    {
        Interlocked.Add(ref _bytesRead, bytes);
        ReadCounter.Add(bytes, _tag);
    }

    /// <summary>Counts content bytes sent.</summary>
    public void CountWritten(long bytes)
    {
        Interlocked.Add(ref _bytesWritten, bytes);
        WrittenCounter.Add(bytes, _tag);
    }
}
