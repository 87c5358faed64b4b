using System.Collections.Concurrent;
using RegistryMigration.Model;
using RegistryMigration.Pipeline;

namespace RegistryMigration.Completion;

/// <summary>Gets names from servers for completion: quickly or not at all, and once a minute at most.</summary>
internal static class TimedNames
{
    /// <summary>What somebody who pressed Tab waits at most.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(1500);

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(1);

    // More than anybody reads in a menu.
    private const int MaxNames = 2000;

    private static readonly ConcurrentDictionary<string, (long At, IReadOnlyList<string> Names)> Cache = new(StringComparer.Ordinal);

    /// <summary>The names that a listing yields until it ends, fails, or takes too long. What came by then is offered.</summary>
    /// <param name="key">Which names, for the cache.</param>
    /// <param name="list">The listing.</param>
    /// <param name="time">The clock.</param>
    public static IReadOnlyList<string> Get(string key, Func<CancellationToken, IAsyncEnumerable<string>> list, TimeProvider time)
    {
        if (Cache.TryGetValue(key, out var cached) && time.GetElapsedTime(cached.At) < Lifetime)
            return cached.Names;
        var names = Read(list, time);
        // A server that does not answer costs its wait once a minute, not with each Tab.
        Cache[key] = (time.GetTimestamp(), names);
        return names;
    }

    private static List<string> Read(Func<CancellationToken, IAsyncEnumerable<string>> list, TimeProvider time)
    {
        var queue = new OutputQueue(time);
        var names = new NameCollector();
        using var stop = new CancellationTokenSource(Patience, time);
        var token = stop.Token;
        _ = Task.Run(() => FillAsync(list, queue, token), CancellationToken.None);
        var started = time.GetTimestamp();
        while (names.Names.Count < MaxNames && Left(started, time) is { Ticks: > 0 } left && queue.TryTake(left, out var deliver))
            deliver(names);
        stop.Cancel();
        return names.Names;
    }

    private static TimeSpan Left(long started, TimeProvider time) => Patience - time.GetElapsedTime(started);

    private static async Task FillAsync(Func<CancellationToken, IAsyncEnumerable<string>> list, OutputQueue queue, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var name in list(cancellationToken))
                await queue.WriteAsync(name, cancellationToken);
        }
        catch (Exception e) when (e is StoreException or ClusterException or OperationCanceledException or IOException or FormatException or ArgumentException)
        {
            // No completion is the answer; the cmdlet itself will say why.
        }
        finally
        {
            queue.Complete();
        }
    }

    private sealed class NameCollector : ICommandPipeline
    {
        public List<string> Names { get; } = [];

        public void WriteObject(object value) => Names.Add((string)value);

        public void WriteError(CommandError error)
        {
        }

        public void WriteWarning(string message)
        {
        }

        public void WriteVerbose(string message)
        {
        }

        public void WriteProgress(ProgressNotice notice)
        {
        }

        // What offers names runs nothing.
        public IEnumerable<object?> Invoke(System.Management.Automation.ScriptBlock script) => [];
    }
}
