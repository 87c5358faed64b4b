using System.Globalization;
using System.Runtime.CompilerServices;
using RegistryMigration.Engine.Audit;
using RegistryMigration.Engine.Layouts;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Audit;

public sealed class HugeStoreTests
{
    [Fact]
    public async Task A_million_blobs_and_links_are_audited_within_bounded_memory()
    {
        await using var store = new SyntheticStore();
        var open = new OpenStore(new RegistryStore("/huge"), store, DistributionLayout.Instance, "", Found: true);
        var before = GC.GetTotalMemory(forceFullCollection: true);

        var result = await new StoreAudit(open, null, new AuditOptions(), TimeProvider.System).RunAsync(TestContext.Current.CancellationToken);

        Assert.Equal((SyntheticStore.Blobs, SyntheticStore.Blobs, 0), (result.Blobs, result.Links, result.DefectCount));
        Assert.Equal((0, SyntheticStore.Repositories), (result.OrphanBlobs, result.Repositories));
        // 24 MB of table; held as strings the keys alone are 2 × 200 MB. Other tests of this process take their share.
        Assert.InRange(store.PeakMemory - before, 0, 150L << 20);
    }

    /// <summary>Makes up a million blobs, and a layer link to each of them, as they are listed.</summary>
    private sealed class SyntheticStore : IStore
    {
        public const long Blobs = 1_000_000;
        public const long Repositories = 100;
        private const int Page = 1000;

        public long PeakMemory { get; private set; }

        public string Name => "huge";

        public StoreCapabilities Capabilities { get; } = new() { ListsMd5 = true };

        public StoreTraffic Traffic { get; } = new("memory");

        public async IAsyncEnumerable<ReadOnlyMemory<StoreEntry>> ListAsync(string prefix, Action<RejectedEntry>? rejected, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.Yield();
            var isBlobs = prefix.StartsWith("blobs/", StringComparison.Ordinal);
            var (first, count) = isBlobs ? (Blobs / 16 * Convert.ToInt32(prefix[^1..], 16), Blobs / 16) : (int.Parse(prefix.Split('/')[1], CultureInfo.InvariantCulture) * (Blobs / Repositories), Blobs / Repositories);
            for (long at = 0; at < count; at += Page)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return Enumerable.Range(0, (int)Math.Min(Page, count - at)).Select(i => Entry(first + at + i, isBlobs ? null : prefix)).ToArray();
            }

            if (prefix is "blobs/sha256/f" or "repositories/099/")
                PeakMemory = Math.Max(PeakMemory, GC.GetTotalMemory(forceFullCollection: true));
        }

        public Task<IReadOnlyList<string>> ListPrefixesAsync(string prefix, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<string>>(prefix switch
        {
            "blobs/sha256/" => ["blobs/sha256/00/"],
            "repositories/" => [.. Enumerable.Range(0, (int)Repositories).Select(i => string.Create(CultureInfo.InvariantCulture, $"repositories/{i:000}/"))],
            _ => [],
        });

        public Task<IReadOnlyList<StoreEntry>> ListFilesAsync(string prefix, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<StoreEntry>>([]);

        public Task<StoreEntry?> StatAsync(string key, CancellationToken cancellationToken) => throw new NotSupportedException(key);

        public Task<StoreReader> ReadAsync(string key, long offset, string? version, CancellationToken cancellationToken) => throw new NotSupportedException(key);

        public Task<WriteOutcome> WriteAsync(string key, StoreContent content, CancellationToken cancellationToken) => throw new NotSupportedException(key);

        public Task DeleteAsync(string key, CancellationToken cancellationToken) => throw new NotSupportedException(key);

        public Task<bool> InitializeAsync(IReadOnlyDictionary<string, string> metadata, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => default;

        // Evenly over all digests, in their order.
        private static StoreEntry Entry(long number, string? repository)
        {
            var digest = Digest.Parse(string.Create(CultureInfo.InvariantCulture, $"sha256:{(ulong)number * (ulong.MaxValue / Blobs + 1):x16}{new string('0', 48)}"));
            return repository is null
                ? new StoreEntry(DistributionLayout.Instance.BlobKey(digest), 100)
                : new StoreEntry(DistributionLayout.LayerLinkKey(repository.Split('/')[1], digest), 71, RegistryMigration.Engine.Sync.Planning.SamenessRule.LinkMd5(digest));
        }
    }
}
