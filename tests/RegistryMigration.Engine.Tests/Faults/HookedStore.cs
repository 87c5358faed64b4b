using RegistryMigration.Engine.Stores;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Faults;

/// <summary>A real store, beside which something happens at the right moment.</summary>
internal sealed class HookedStore(IStore inner) : IStore
{
    /// <summary>Before a read of a key from an offset on.</summary>
    public Func<string, long, Task>? OnRead { get; init; }

    /// <summary>Before the listing of a prefix.</summary>
    public Func<string, Task>? OnList { get; init; }

    public string Name => inner.Name;

    public StoreCapabilities Capabilities => inner.Capabilities;

    public StoreTraffic Traffic => inner.Traffic;

    public async IAsyncEnumerable<ReadOnlyMemory<StoreEntry>> ListAsync(
        string prefix, Action<RejectedEntry>? rejected, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (OnList is not null)
            await OnList(prefix);
        await foreach (var page in inner.ListAsync(prefix, rejected, cancellationToken))
            yield return page;
    }

    public Task<IReadOnlyList<string>> ListPrefixesAsync(string prefix, CancellationToken cancellationToken) => inner.ListPrefixesAsync(prefix, cancellationToken);

    public Task<IReadOnlyList<StoreEntry>> ListFilesAsync(string prefix, CancellationToken cancellationToken) => inner.ListFilesAsync(prefix, cancellationToken);

    public Task<StoreEntry?> StatAsync(string key, CancellationToken cancellationToken) => inner.StatAsync(key, cancellationToken);

    public async Task<StoreReader> ReadAsync(string key, long offset, string? version, CancellationToken cancellationToken)
    {
        if (OnRead is not null)
            await OnRead(key, offset);
        return await inner.ReadAsync(key, offset, version, cancellationToken);
    }

    public Task<WriteOutcome> WriteAsync(string key, StoreContent content, CancellationToken cancellationToken) => inner.WriteAsync(key, content, cancellationToken);

    public Task DeleteAsync(string key, CancellationToken cancellationToken) => inner.DeleteAsync(key, cancellationToken);

    public Task<bool> InitializeAsync(IReadOnlyDictionary<string, string> metadata, CancellationToken cancellationToken) => inner.InitializeAsync(metadata, cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
