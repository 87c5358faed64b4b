using System.Globalization;
using RegistryMigration.Engine.Layouts;
using RegistryMigration.Engine.Listing;
using RegistryMigration.Engine.Resilience;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Audit;

/// <summary>Counts what lies in a store, from its listings; only large objects of Swift are looked at, whose size no listing tells.</summary>
/// <param name="store">The store.</param>
/// <param name="time">The clock.</param>
public sealed class StoreMeasurement(OpenStore store, TimeProvider time)
{
    private readonly KindTally _tally = new();
    private readonly BlobTable _blobs = new();
    private readonly List<RepositoryMeasure> _repositories = [];

    /// <summary>Listings and looks at a time.</summary>
    public int Concurrency { get; init; } = 16;

    /// <summary>How failures that may pass are retried.</summary>
    public RetryOptions Retry { get; init; } = new();

    /// <summary>Counts everything.</summary>
    /// <exception cref="StoreException">The store can't be listed.</exception>
    public async Task<StoreMeasure> RunAsync(CancellationToken cancellationToken)
    {
        var startedAt = time.GetTimestamp();
        using var probe = new StoreProbe(store, new RetryPolicy(Retry, time), new StoreContext().StallTimeout, Concurrency, time);
        var listing = probe.Listing(Party.Source, _ => { });
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = cancellationToken };
        var (blobs, others) = await SplitAsync(listing, cancellationToken);
        await Parallel.ForEachAsync(blobs, parallel, async (shard, token) => await ListBlobsAsync(probe, listing, shard.Prefix, shard.Shard, token));
        await Parallel.ForEachAsync(others, parallel, async (prefix, token) => await ListOthersAsync(probe, listing, prefix, token));
        await ListStraysAsync(probe, listing, cancellationToken);
        if (store.Layout.RepositoriesPrefix is { } repositories)
        {
            var reader = new RepositoryReader(store.Layout, listing, new NameFilter([]), null, _tally.Add);
            await Parallel.ForEachAsync(await reader.NamesAsync(repositories, cancellationToken), parallel, async (name, token) => await ListRepositoriesAsync(reader, name, token));
        }

        return ToMeasure(time.GetElapsedTime(startedAt));
    }

    // Blobs by their first digit, and whatever else lies beside and among them.
    private async Task<(List<(string Prefix, BlobTable.Shard Shard)> Blobs, List<string> Others)> SplitAsync(StoreListing listing, CancellationToken cancellationToken)
    {
        var blobs = new List<(string, BlobTable.Shard)>();
        var others = store.Layout.FilePrefixes.Where(prefix => !prefix.EndsWith('/')).ToList();
        var open = new Queue<string>(await listing.PrefixesAsync("", cancellationToken));
        while (open.TryDequeue(out var prefix))
        {
            if (prefix == store.Layout.RepositoriesPrefix)
                continue;
            if (store.Layout.BlobPrefixes.Contains(prefix))
            {
                var algorithm = prefix.Contains("sha512", StringComparison.Ordinal) ? "sha512" : "sha256";
                for (var digit = 0; digit < 16; digit++)
                    blobs.Add((prefix + digit.ToString("x", CultureInfo.InvariantCulture), _blobs.ShardOf(algorithm, digit)));
                others.AddRange((await listing.PrefixesAsync(prefix, cancellationToken)).Where(below => !char.IsAsciiHexDigitLower(below[prefix.Length])));
            }
            else if (store.Layout.BlobPrefixes.Any(wanted => wanted.StartsWith(prefix, StringComparison.Ordinal)))
            {
                foreach (var below in await listing.PrefixesAsync(prefix, cancellationToken))
                    open.Enqueue(below);
            }
            else
            {
                others.Add(prefix);
            }
        }

        return (blobs, others);
    }

    // Single objects beside everything that has a prefix.
    private async Task ListStraysAsync(StoreProbe probe, StoreListing listing, CancellationToken cancellationToken)
    {
        foreach (var entry in await listing.FilesAsync("", cancellationToken))
        {
            if (store.Layout.Classify(entry.Key) is { Kind: EntryKind.Unknown } info)
                _tally.Add(await SizedAsync(probe, entry, cancellationToken), info);
        }
    }

    private async Task ListBlobsAsync(StoreProbe probe, StoreListing listing, string prefix, BlobTable.Shard shard, CancellationToken cancellationToken)
    {
        await foreach (var page in listing.ReadAsync(prefix, cancellationToken))
        {
            for (var i = 0; i < page.Length; i++)
            {
                var entry = await SizedAsync(probe, page.Span[i], cancellationToken);
                var info = store.Layout.Classify(entry.Key);
                _tally.Add(entry, info);
                if (info.Kind == EntryKind.Blob)
                    shard.Add(BlobId.Of(info.Digest), entry.Size);
            }
        }
    }

    private async Task ListOthersAsync(StoreProbe probe, StoreListing listing, string prefix, CancellationToken cancellationToken)
    {
        await foreach (var page in listing.ReadAsync(prefix, cancellationToken))
        {
            for (var i = 0; i < page.Length; i++)
            {
                var entry = await SizedAsync(probe, page.Span[i], cancellationToken);
                _tally.Add(entry, store.Layout.Classify(entry.Key));
            }
        }
    }

    private static async ValueTask<StoreEntry> SizedAsync(StoreProbe probe, StoreEntry entry, CancellationToken cancellationToken) =>
        entry.Size >= 0 ? entry : entry with { Size = (await probe.StatAsync(entry.Key, cancellationToken))?.Size ?? 0 };

    private async Task ListRepositoriesAsync(RepositoryReader reader, string prefix, CancellationToken cancellationToken)
    {
        await foreach (var repository in reader.ReadAsync(prefix, cancellationToken))
        {
            // 2.1 linked manifests among the layers as well; they are counted once, as manifests.
            var blobs = repository.Layers.Where(id => !repository.HasRevision(id)).ToList();
            var bytes = blobs.Sum(id => SizeOf("sha256", id) + SizeOf("sha512", id)) + repository.Revisions.Sum(revision => SizeOf(revision.Digest.Algorithm, BlobId.Of(revision.Digest)));
            lock (_repositories)
                _repositories.Add(new RepositoryMeasure(repository.Name, repository.Tags.Count, repository.Revisions.Count, blobs.Count, bytes));
        }
    }

    private long SizeOf(string algorithm, BlobId id) => _blobs.TryFind(algorithm, id, out var blob) ? blob.Size : 0;

    private StoreMeasure ToMeasure(TimeSpan duration)
    {
        var kinds = _tally.ToKinds();
        var stored = kinds.Where(kind => kind.Kind == EntryKind.Blob).Sum(kind => kind.Bytes);
        var referred = _repositories.Sum(repository => repository.Bytes);
        var content = kinds.Where(kind => new EntryInfo(kind.Kind).IsContent).ToList();
        return new StoreMeasure
        {
            Store = store.Definition,
            Layout = store.Layout.Kind,
            Root = store.Root,
            Entries = kinds.Sum(kind => kind.Count),
            Bytes = kinds.Sum(kind => kind.Bytes),
            Kinds = kinds,
            // Arrays are what PowerShell can index.
            Repositories = _repositories.OrderBy(repository => repository.Name, KeyOrder.Instance).ToArray(),
            SyncBytes = stored,
            SyncEntries = content.Sum(kind => kind.Count),
            DedupeRatio = stored > 0 && referred > 0 ? (double)referred / stored : 1,
            Duration = duration,
        };
    }
}
