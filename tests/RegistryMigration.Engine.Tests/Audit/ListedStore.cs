using System.Runtime.CompilerServices;
using RegistryMigration.Engine.Layouts;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Engine.Tests.Support;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Audit;

/// <summary>A memory store whose listing has the holes of real ones: sizes it can't tell, names that can't be keys.</summary>
internal sealed class ListedStore(MemoryStore inner) : IStore
{
    /// <summary>Keys that are listed without size, as Swift lists large objects.</summary>
    public HashSet<string> Large { get; } = [];

    /// <summary>Names that are rejected when a listing of this prefix passes.</summary>
    public Dictionary<string, RejectedEntry> Rejected { get; } = [];

    public string Name => inner.Name;

    public StoreCapabilities Capabilities => inner.Capabilities;

    public StoreTraffic Traffic => inner.Traffic;

    public OpenStore Open() => new(new RegistryStore("/" + Name), this, DistributionLayout.Instance, "", Found: true);

    public async IAsyncEnumerable<ReadOnlyMemory<StoreEntry>> ListAsync(string prefix, Action<RejectedEntry>? rejected, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var (below, entry) in Rejected)
        {
            if (below.StartsWith(prefix, StringComparison.Ordinal))
                rejected?.Invoke(entry);
        }

        await foreach (var page in inner.ListAsync(prefix, rejected, cancellationToken))
            yield return page.ToArray().Select(entry => Large.Contains(entry.Key) ? entry with { Size = StoreEntry.UnknownSize, Md5 = null } : entry).ToArray();
    }

    public Task<IReadOnlyList<string>> ListPrefixesAsync(string prefix, CancellationToken cancellationToken) => inner.ListPrefixesAsync(prefix, cancellationToken);

    public Task<IReadOnlyList<StoreEntry>> ListFilesAsync(string prefix, CancellationToken cancellationToken) => inner.ListFilesAsync(prefix, cancellationToken);

    public Task<StoreEntry?> StatAsync(string key, CancellationToken cancellationToken) => inner.StatAsync(key, cancellationToken);

    public Task<StoreReader> ReadAsync(string key, long offset, string? version, CancellationToken cancellationToken) => inner.ReadAsync(key, offset, version, cancellationToken);

    public Task<WriteOutcome> WriteAsync(string key, StoreContent content, CancellationToken cancellationToken) => throw new NotSupportedException("An audit only reads.");

    public Task DeleteAsync(string key, CancellationToken cancellationToken) => throw new NotSupportedException("An audit only reads.");

    public Task<bool> InitializeAsync(IReadOnlyDictionary<string, string> metadata, CancellationToken cancellationToken) => throw new NotSupportedException("An audit only reads.");

    public ValueTask DisposeAsync() => default;
}
