using System.Buffers;
using RegistryMigration.Engine.Content;
using RegistryMigration.Engine.Http;
using RegistryMigration.Engine.Listing;
using RegistryMigration.Engine.Resilience;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Engine.Sync.Transfer;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Audit;

/// <summary>Looks at single objects of a store: retried, cut when stalled, and only so many at a time.</summary>
internal sealed class StoreProbe(OpenStore store, RetryPolicy retry, TimeSpan stallTimeout, int concurrency, TimeProvider time) : IDisposable
{
    private const int BufferSize = 64 << 10;
    private readonly SemaphoreSlim _gate = new(concurrency);
    private readonly BandwidthLimit _unlimited = new(null, time);

    /// <summary>The store looked at.</summary>
    public OpenStore Store => store;

    /// <summary>A listing of the store with the same retries.</summary>
    public StoreListing Listing(Party party, Action<RejectedEntry> rejected) =>
        new(store, party, retry, new CredentialPause(TimeSpan.Zero, time, null), rejected);

    /// <summary>The entry with its true size, or null where there is none.</summary>
    public async Task<StoreEntry?> StatAsync(string key, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            return await retry.ExecuteAsync(store.Store.Traffic, async token => await store.Store.StatAsync(key, token), cancellationToken);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>The first bytes of an object, at most <paramref name="limit"/> of them and one more where there are more; null where there is no object.</summary>
    public async Task<byte[]?> ReadAsync(string key, int limit, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            return await retry.ExecuteAsync(store.Store.Traffic, token => ReadOnceAsync(key, limit, token), cancellationToken);
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.NotFound)
        {
            return null;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>The digest that an object's bytes really have; null where it is gone.</summary>
    /// <param name="key">The key.</param>
    /// <param name="size">The size it was listed with.</param>
    /// <param name="named">The digest of its name, for the algorithm.</param>
    /// <param name="onBytes">Told of bytes as they are hashed.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    public async Task<Digest?> HashAsync(string key, long size, Digest named, Action<int> onBytes, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        using var hash = new ContentHash(named.Algorithm);
        try
        {
            await using var stream = new SourceStream(store, key, size, new SourceReading(retry, stallTimeout, _unlimited, onBytes));
            while (await stream.ReadAsync(buffer, cancellationToken) is var read and > 0)
                hash.Append(buffer.AsSpan(0, read));
            return hash.Finish();
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.NotFound)
        {
            return null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            _gate.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose() => _gate.Dispose();

    private async ValueTask<byte[]> ReadOnceAsync(string key, int limit, CancellationToken cancellationToken)
    {
        using var watch = new StallWatch(stallTimeout, TimeProvider.System);
        var token = watch.Start(cancellationToken);
        try
        {
            await using var reader = await store.Store.ReadAsync(key, 0, null, token);
            var content = new byte[Math.Min(reader.Length, limit + 1L)];
            await reader.Content.ReadExactlyAsync(content, token);
            return content;
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw HttpFailures.Stalled(store.Store.Name, stallTimeout, e, key);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw HttpFailures.FromException(e, store.Store.Name, key);
        }
    }
}
