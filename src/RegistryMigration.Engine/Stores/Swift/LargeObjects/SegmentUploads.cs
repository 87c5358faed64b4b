using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using RegistryMigration.Engine.Stores.Swift.Objects;
using RegistryMigration.Engine.Stores.Swift.Transport;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Stores.Swift.LargeObjects;

/// <summary>Sends segments of one object, a few at a time, each retried by itself. The first that fails for good stops the rest.</summary>
internal sealed class SegmentUploads : IDisposable
{
    private readonly Segments _segments;
    private readonly HttpExchange _http;
    private readonly string _key;
    private readonly SemaphoreSlim _slots;
    private readonly CancellationTokenSource _stop;
    private readonly CancellationToken _caller;
    private readonly List<Task> _running = [];
    private readonly ConcurrentDictionary<string, SegmentState> _written = new(StringComparer.Ordinal);
    private Exception? _failure;

    public SegmentUploads(Segments segments, HttpExchange http, string key, int concurrency, CancellationToken caller)
    {
        _segments = segments;
        _http = http;
        _key = key;
        _slots = new SemaphoreSlim(concurrency);
        _caller = caller;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(caller);
        Token = _stop.Token;
    }

    /// <summary>Ends with the caller's token, and with the first segment that fails.</summary>
    public CancellationToken Token { get; }

    /// <summary>All segments so far: sent, being sent, or found in place.</summary>
    public IReadOnlyDictionary<string, SegmentState> Written => _written;

    /// <summary>Takes a segment over, waits for a slot and starts to send it, unless it is <paramref name="present"/>.</summary>
    public async Task AddAsync(string name, SegmentBuffer segment, Dictionary<string, ListedObject> present)
    {
        var state = new SegmentState(segment.Length, segment.Md5);
        _written[name] = state;
        if (present.TryGetValue(name, out var found) && state.Matches(found))
        {
            segment.Dispose();
            return;
        }

        try
        {
            await _slots.WaitAsync(Token);
        }
        catch
        {
            segment.Dispose();
            throw;
        }

        _running.RemoveAll(task => task.IsCompletedSuccessfully);
        _running.Add(SendAsync(name, segment));
    }

    /// <summary>Runs what adds the segments, and waits for all of them. However it ends, nothing is under way afterwards.</summary>
    public async Task RunAsync(Func<Task> produce)
    {
        try
        {
            await produce();
            await Task.WhenAll(_running);
        }
        catch (Exception e)
        {
            // Where the content broke off and is opened again, what is under way is work that need not be done twice.
            if (e is not StoreException { IsRetryable: true })
                await _stop.CancelAsync();
            await Task.WhenAll(_running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _caller.ThrowIfCancellationRequested();
            // The producer was stopped because a segment failed: that is the failure to tell of.
            if (e is OperationCanceledException && _failure is not null)
                ExceptionDispatchInfo.Throw(_failure);
            throw;
        }
    }

    public void Dispose()
    {
        _stop.Dispose();
        _slots.Dispose();
    }

    private async Task SendAsync(string name, SegmentBuffer segment)
    {
        try
        {
            using (segment)
                await _http.Context.Retry.ExecuteAsync(_http.Traffic, token => _segments.WriteAsync(name, segment, _key, token), Token);
        }
        catch (Exception e)
        {
            if (e is not OperationCanceledException)
                Interlocked.CompareExchange(ref _failure, e, null);
            await _stop.CancelAsync();
            throw;
        }
        finally
        {
            _slots.Release();
        }
    }
}
