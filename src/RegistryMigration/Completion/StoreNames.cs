using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using RegistryMigration.Engine.Layouts;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Model;
using RegistryMigration.Pipeline;
using RegistryMigration.Stores;

namespace RegistryMigration.Completion;

/// <summary>Lists names of a store for completion: quickly or not at all, and once a minute at most.</summary>
internal static class StoreNames
{
    /// <summary>What somebody who pressed Tab waits at most.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(1500);

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(1);

    // There is no time for a second attempt.
    private static readonly RetryOptions Once = new() { Attempts = 1 };

    // More than anybody reads in a menu.
    private const int MaxNames = 2000;

    private static readonly ConcurrentDictionary<string, (long At, IReadOnlyList<string> Names)> Cache = new(StringComparer.Ordinal);

    /// <summary>The repositories of a store.</summary>
    public static IReadOnlyList<string> Repositories(RegistryStore store, TimeProvider time) => Get(store, "repositories", RepositoriesAsync, time);

    /// <summary>The tags of a repository.</summary>
    public static IReadOnlyList<string> Tags(RegistryStore store, string repository, TimeProvider time) =>
        Get(store, $"tags of {repository}", (given, token) => TagsAsync(given, repository, token), time);

    /// <summary>The names that a listing yields until it ends, fails, or takes too long. What came by then is offered.</summary>
    /// <param name="store">The store.</param>
    /// <param name="what">Which names, for the cache.</param>
    /// <param name="list">The listing.</param>
    /// <param name="time">The clock.</param>
    public static IReadOnlyList<string> Get(RegistryStore store, string what, Func<RegistryStore, CancellationToken, IAsyncEnumerable<string>> list, TimeProvider time)
    {
        var key = string.Join('\n', what, store, store.S3.Endpoint, store.S3.Profile, store.S3.AccessKey, store.Swift.Cloud, store.Swift.AuthUrl, store.Swift.UserName, store.Swift.ProjectName, store.Root);
        if (Cache.TryGetValue(key, out var cached) && time.GetElapsedTime(cached.At) < Lifetime)
            return cached.Names;
        var names = Read(store, list, time);
        // A store that does not answer costs its wait once a minute, not with each Tab.
        Cache[key] = (time.GetTimestamp(), names);
        return names;
    }

    private static async IAsyncEnumerable<string> RepositoriesAsync(RegistryStore store, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var open = await StoreOpening.OpenAsync(store, StoreContext.Create(TimeProvider.System, Once, Patience), cancellationToken);
        using var catalog = new RegistryCatalog(open, Once, TimeProvider.System);
        await foreach (var repository in catalog.RepositoriesAsync([], cancellationToken))
            yield return repository.Name;
    }

    private static async IAsyncEnumerable<string> TagsAsync(RegistryStore store, string repository, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var open = await StoreOpening.OpenAsync(store, StoreContext.Create(TimeProvider.System, Once, Patience), cancellationToken);
        using var catalog = new RegistryCatalog(open, Once, TimeProvider.System);
        await foreach (var tag in catalog.TagsAsync(repository, cancellationToken))
            yield return tag.Name;
    }

    private static List<string> Read(RegistryStore store, Func<RegistryStore, CancellationToken, IAsyncEnumerable<string>> list, TimeProvider time)
    {
        var queue = new OutputQueue(time);
        var names = new NameCollector();
        using var stop = new CancellationTokenSource(Patience, time);
        var token = stop.Token;
        _ = Task.Run(() => FillAsync(store, list, queue, token), CancellationToken.None);
        var started = time.GetTimestamp();
        while (names.Names.Count < MaxNames && Left(started, time) is { Ticks: > 0 } left && queue.TryTake(left, out var deliver))
            deliver(names);
        stop.Cancel();
        return names.Names;
    }

    private static TimeSpan Left(long started, TimeProvider time) => Patience - time.GetElapsedTime(started);

    private static async Task FillAsync(RegistryStore store, Func<RegistryStore, CancellationToken, IAsyncEnumerable<string>> list, OutputQueue queue, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var name in list(store, cancellationToken))
                await queue.WriteAsync(name, cancellationToken);
        }
        catch (Exception e) when (e is StoreException or OperationCanceledException or IOException or FormatException or ArgumentException)
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
    }
}
