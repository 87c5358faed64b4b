using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using RegistryMigration.Engine.Layouts;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Support;

/// <summary>A store in memory, for what no real server can be made to do on demand. Hooks may throw or wait before each operation.</summary>
internal sealed class MemoryStore : IStore
{
    private readonly SortedDictionary<string, (byte[] Content, DateTimeOffset Written)> _objects = new(KeyOrder.Instance);
    private readonly object _gate = new();

    public string Name { get; init; } = "memory";

    public StoreCapabilities Capabilities { get; init; } = new() { ListsMd5 = true, ConditionalWrite = true };

    public StoreTraffic Traffic { get; } = new("memory");

    public int PageSize { get; init; } = 1000;

    /// <summary>What entries say of their time; null says nothing, as a store may.</summary>
    public DateTimeOffset? WrittenAt { get; set; } = new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public Func<string, int, Task>? OnList { get; set; }

    public Func<string, long, Task>? OnRead { get; set; }

    public Func<string, Task>? OnWrite { get; set; }

    /// <summary>Changes what a read gives.</summary>
    public Func<string, byte[], byte[]>? OnContent { get; set; }

    /// <summary>Wraps the stream of a read.</summary>
    public Func<string, Stream, Stream>? OnStream { get; set; }

    public List<string> Written { get; } = [];

    public List<string> Deleted { get; } = [];

    public IReadOnlyList<string> Keys
    {
        get
        {
            lock (_gate)
                return [.. _objects.Keys];
        }
    }

    public OpenStore Open(LayoutKind layout = LayoutKind.Distribution) => new(new RegistryStore("/" + Name), this, LayoutFinder.Of(layout), "", Found: true);

    public void Put(string key, byte[] content, DateTimeOffset? written = null)
    {
        lock (_gate)
            _objects[key] = (content, written ?? WrittenAt ?? default);
    }

    public byte[]? Get(string key)
    {
        lock (_gate)
            return _objects.TryGetValue(key, out var found) ? found.Content : null;
    }

    public void Remove(string key)
    {
        lock (_gate)
            _objects.Remove(key);
    }

    public async IAsyncEnumerable<ReadOnlyMemory<StoreEntry>> ListAsync(string prefix, Action<RejectedEntry>? rejected, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        StoreEntry[] all;
        lock (_gate)
            all = [.. _objects.Where(pair => pair.Key.StartsWith(prefix, StringComparison.Ordinal)).Select(pair => Entry(pair.Key, pair.Value.Content, pair.Value.Written))];
        var page = 0;
        foreach (var chunk in all.Chunk(PageSize))
        {
            cancellationToken.ThrowIfCancellationRequested();
            Traffic.CountRequest();
            if (OnList is not null)
                await OnList(prefix, ++page);
            yield return chunk;
        }

        if (all.Length == 0)
        {
            Traffic.CountRequest();
            if (OnList is not null)
                await OnList(prefix, 1);
        }
    }

    public async Task<IReadOnlyList<string>> ListPrefixesAsync(string prefix, CancellationToken cancellationToken)
    {
        Traffic.CountRequest();
        if (OnList is not null)
            await OnList(prefix, 0);
        lock (_gate)
        {
            return [.. _objects.Keys.Where(key => key.StartsWith(prefix, StringComparison.Ordinal) && key.IndexOf('/', prefix.Length) > 0)
                .Select(key => key[..(key.IndexOf('/', prefix.Length) + 1)]).Distinct(StringComparer.Ordinal)];
        }
    }

    public Task<IReadOnlyList<StoreEntry>> ListFilesAsync(string prefix, CancellationToken cancellationToken)
    {
        Traffic.CountRequest();
        lock (_gate)
            return Task.FromResult<IReadOnlyList<StoreEntry>>([.. _objects.Where(pair => pair.Key.StartsWith(prefix, StringComparison.Ordinal) && !pair.Key[prefix.Length..].Contains('/')).Select(pair => Entry(pair.Key, pair.Value.Content, pair.Value.Written))]);
    }

    public Task<StoreEntry?> StatAsync(string key, CancellationToken cancellationToken)
    {
        Traffic.CountRequest();
        lock (_gate)
            return Task.FromResult<StoreEntry?>(_objects.TryGetValue(key, out var found) ? Entry(key, found.Content, found.Written) : null);
    }

    public async Task<StoreReader> ReadAsync(string key, long offset, string? version, CancellationToken cancellationToken)
    {
        Traffic.CountRequest();
        if (OnRead is not null)
            await OnRead(key, offset);
        var content = Get(key) ?? throw new StoreException(StoreErrorKind.NotFound, $"no {key}") { Key = key };
        content = OnContent?.Invoke(key, content) ?? content;
        var now = Md5(content);
        if (version is not null && version != now)
            throw new StoreException(StoreErrorKind.Changed, $"{key} changed") { Key = key };
        Stream stream = new MemoryStream(content, (int)offset, content.Length - (int)offset, writable: false);
        return new StoreReader(OnStream?.Invoke(key, stream) ?? stream, content.Length, now);
    }

    public async Task<WriteOutcome> WriteAsync(string key, StoreContent content, CancellationToken cancellationToken)
    {
        Traffic.CountRequest();
        if (OnWrite is not null)
            await OnWrite(key);
        if (content.IfAbsent && Get(key) is not null)
            return WriteOutcome.AlreadyPresent;
        using var bytes = new MemoryStream();
        await using (var stream = await content.OpenAsync(cancellationToken))
            await stream.CopyToAsync(bytes, cancellationToken);
        Assert.Equal(content.Length, bytes.Length);
        Traffic.CountWritten(bytes.Length);
        Put(key, bytes.ToArray());
        lock (_gate)
            Written.Add(key);
        return WriteOutcome.Written;
    }

    public Task DeleteAsync(string key, CancellationToken cancellationToken)
    {
        Traffic.CountRequest();
        lock (_gate)
        {
            _objects.Remove(key);
            Deleted.Add(key);
        }

        return Task.CompletedTask;
    }

    public Task<bool> InitializeAsync(IReadOnlyDictionary<string, string> metadata, CancellationToken cancellationToken) => Task.FromResult(false);

    public ValueTask DisposeAsync() => default;

    private StoreEntry Entry(string key, byte[] content, DateTimeOffset written) =>
        new(key, content.Length, Capabilities.ListsMd5 ? Md5(content) : null, WrittenAt is null ? null : written);

#pragma warning disable CA5351 // Listings carry MD5.
    private static string Md5(byte[] content) => Convert.ToHexString(MD5.HashData(content)).ToLowerInvariant();
#pragma warning restore CA5351
}
