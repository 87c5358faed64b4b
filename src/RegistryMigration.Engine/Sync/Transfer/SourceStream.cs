using RegistryMigration.Engine.Content;
using RegistryMigration.Engine.Http;
using RegistryMigration.Engine.Resilience;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Sync.Transfer;

/// <summary>What every read of a run shares.</summary>
internal sealed record SourceReading(RetryPolicy Retry, TimeSpan StallTimeout, BandwidthLimit Bandwidth, Action<int> OnBytes);

/// <summary>An object of the source as one unbroken stream: reads that break, stall or end early go on where they stopped.</summary>
/// <remarks>Failures that remain are the source's (<see cref="Party.Source"/>), so that nobody repeats a write because of them.</remarks>
internal sealed class SourceStream(OpenStore store, string key, long length, SourceReading reading) : ReadOnlyStream
{
    // Bytes come in real time, whatever clock the run waits by.
    private readonly StallWatch _watch = new(reading.StallTimeout, TimeProvider.System);
    private StoreReader? _reader;
    private string? _version;
    private long _position;

    public override long Length => length;

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_position == length || buffer.IsEmpty)
            return 0;
        int read;
        try
        {
            read = await AttemptAsync(buffer, cancellationToken);
        }
        catch (StoreException first) when (first.IsRetryable)
        {
            read = await ContinueAsync(buffer, first, cancellationToken);
        }
        catch (StoreException e)
        {
            throw e.At(Party.Source);
        }

        _position += read;
        reading.OnBytes(read);
        await reading.Bandwidth.SpendAsync(read, cancellationToken);
        return read;
    }

    public override async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _watch.Dispose();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    // Reads go without the policy until one fails: that failure is then the policy's first attempt, so that it is counted and waited for.
    private async ValueTask<int> ContinueAsync(Memory<byte> buffer, StoreException first, CancellationToken cancellationToken)
    {
        StoreException? failure = first;
        try
        {
            return await reading.Retry.ExecuteAsync(store.Store.Traffic, async token =>
            {
                if (Interlocked.Exchange(ref failure, null) is { } failed)
                    throw failed;
                await CloseAsync();
                return await AttemptAsync(buffer, token);
            }, cancellationToken);
        }
        catch (StoreException e)
        {
            throw e.At(Party.Source);
        }
    }

    private async ValueTask<int> AttemptAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var token = _watch.Start(cancellationToken);
        try
        {
            _reader ??= await OpenAsync(token);
            var wanted = (int)Math.Min(buffer.Length, length - _position);
            var read = await _reader.Content.ReadAsync(buffer[..wanted], token);
            return read > 0 ? read : throw EndedEarly();
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw HttpFailures.Stalled(store.Store.Name, reading.StallTimeout, e, key);
        }
        catch (Exception e) when (e is HttpRequestException or (IOException and not FileNotFoundException))
        {
            throw HttpFailures.FromException(e, store.Store.Name, key);
        }
        finally
        {
            _watch.Pause();
        }
    }

    private async Task<StoreReader> OpenAsync(CancellationToken cancellationToken)
    {
        var reader = await store.Store.ReadAsync(key, _position, _version, cancellationToken);
        if (reader.Length != length)
        {
            await reader.DisposeAsync();
            throw new StoreException(StoreErrorKind.Changed, $"'{key}' in {store.Store.Name} has {reader.Length} bytes now and had {length} when it was listed.") { Key = key, Store = store.Store.Name };
        }

        _version ??= reader.Version;
        return reader;
    }

    private StoreException EndedEarly() =>
        new(StoreErrorKind.Transient, $"The answer for '{key}' from {store.Store.Name} ended after {_position} of {length} bytes.") { Key = key, Store = store.Store.Name };

    private async ValueTask CloseAsync()
    {
        if (_reader is not null)
            await _reader.DisposeAsync();
        _reader = null;
    }
}
