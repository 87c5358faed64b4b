using System.Globalization;
using RegistryMigration.Engine.Layouts;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Listing;

/// <summary>Cuts the key space into shards that list in parallel: none for a small store, so that it costs one request a side.</summary>
internal sealed class ShardPlanner(StoreListing source, StoreListing target, SyncShard part)
{
    // Below this a single listing is a handful of pages and cutting it up costs more requests than it saves time.
    private const long SingleListing = 8_000;
    private const long SixteenListings = 400_000;

    /// <summary>Shards of a prefix that two hex digits follow.</summary>
    public async Task<IReadOnlyList<ListingShard>> BlobsAsync(string prefix, CancellationToken cancellationToken)
    {
        if (!part.IsAll)
            return [.. Enumerable.Range(0, 256).Where(part.TakesBlobs).Select(first => Listed($"{prefix}{first:x2}/"))];
        var (left, right) = await PeekAsync(prefix, cancellationToken);
        var total = Math.Max(left.EstimateTotal(), right.EstimateTotal());
        var digits = total <= SingleListing ? 0 : total <= SixteenListings ? 1 : 2;
        return digits switch
        {
            0 => [Peeked(prefix, left, right)],
            1 => [.. Enumerable.Range(0, 16).Select(digit => Peeked(prefix + digit.ToString("x", CultureInfo.InvariantCulture), left, right))],
            _ => [.. Enumerable.Range(0, 256).Select(first => Peeked(prefix + first.ToString("x2", CultureInfo.InvariantCulture), left, right))],
        };
    }

    /// <summary>Shards of a prefix that repository names follow: one for each top-level name, as long as there is more than one.</summary>
    public async Task<IReadOnlyList<ListingShard>> NamesAsync(string prefix, CancellationToken cancellationToken)
    {
        var (left, right) = await PeekAsync(prefix, cancellationToken);
        if (part.IsAll && left.IsComplete && right.IsComplete)
            return [Peeked(prefix, left, right)];
        var names = await UnionAsync(prefix, cancellationToken);
        // A single team or project above everything: its repositories are the shards then.
        while (names is [var only] && part.IsAll && !only[prefix.Length..].StartsWith('_'))
        {
            var below = await UnionAsync(only, cancellationToken);
            if (below.Count == 0 || below.Any(name => name[only.Length..].StartsWith('_')))
                break;
            (prefix, names) = (only, below);
        }

        return [.. names.Where(name => part.TakesName(name[prefix.Length..])).Select(name => Peeked(name, left, right))];
    }

    /// <summary>Shards of a layout's other files, and of whatever else lies beside its blobs at the source, which is only counted.</summary>
    public async Task<IReadOnlyList<ListingShard>> FilesAsync(ILayout layout, CancellationToken cancellationToken)
    {
        if (layout.FilePrefixes.Count == 0 || part.Index != 0)
            return [];
        var known = layout.BlobPrefixes.Concat(layout.FilePrefixes).ToList();
        var beside = await source.PrefixesAsync("", cancellationToken);
        var strays = (await source.FilesAsync("", cancellationToken)).Where(entry => layout.Classify(entry.Key).Kind == EntryKind.Unknown).ToArray();
        IEnumerable<ListingShard> single = strays.Length == 0 ? [] : [new ListingShard("", _ => Page(strays), _ => Page([]))];
        return [.. layout.FilePrefixes.Concat(beside.Where(prefix => !known.Any(start => prefix.StartsWith(start, StringComparison.Ordinal)))).Select(Listed), .. single];
    }

    private static async IAsyncEnumerable<ReadOnlyMemory<StoreEntry>> Page(StoreEntry[] entries)
    {
        await Task.CompletedTask;
        yield return entries;
    }

    private ListingShard Listed(string prefix) => new(prefix, token => source.ReadAsync(prefix, token), token => target.ReadAsync(prefix, token));

    private async Task<(PeekedListing Left, PeekedListing Right)> PeekAsync(string prefix, CancellationToken cancellationToken)
    {
        var left = PeekedListing.ReadAsync(source, prefix, cancellationToken);
        var right = PeekedListing.ReadAsync(target, prefix, cancellationToken);
        await Task.WhenAll(left, right);
        return (await left, await right);
    }

    private async Task<IReadOnlyList<string>> UnionAsync(string prefix, CancellationToken cancellationToken)
    {
        var names = await Task.WhenAll(source.PrefixesAsync(prefix, cancellationToken), target.PrefixesAsync(prefix, cancellationToken));
        return [.. names[0].Union(names[1], StringComparer.Ordinal).Order(KeyOrder.Instance)];
    }

    private static ListingShard Peeked(string prefix, PeekedListing left, PeekedListing right) =>
        new(prefix, token => left.Below(prefix, token), token => right.Below(prefix, token));
}
