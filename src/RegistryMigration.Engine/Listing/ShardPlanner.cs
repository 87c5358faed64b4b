using System.Globalization;
using System.Runtime.CompilerServices;
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
        var peek = new Peek(source, target, prefix, cancellationToken);
        var total = (await peek.ShowingAsync(static side => side.EstimateTotal() > SingleListing)).Max(static side => side.EstimateTotal());
        var digits = total <= SingleListing ? 0 : total <= SixteenListings ? 1 : 2;
        return digits switch
        {
            0 => [peek.Below(prefix)],
            1 => [.. Enumerable.Range(0, 16).Select(digit => peek.Below(prefix + digit.ToString("x", CultureInfo.InvariantCulture)))],
            _ => [.. Enumerable.Range(0, 256).Select(first => peek.Below(prefix + first.ToString("x2", CultureInfo.InvariantCulture)))],
        };
    }

    /// <summary>Shards of a prefix that repository names follow: one for each top-level name, as long as there is more than one.</summary>
    public async Task<IReadOnlyList<ListingShard>> NamesAsync(string prefix, CancellationToken cancellationToken)
    {
        var peek = new Peek(source, target, prefix, cancellationToken);
        ListingShard[] shards = [];
        try
        {
            var isSmall = (await peek.ShowingAsync(static side => !side.IsComplete)).All(static side => side.IsComplete);
            var names = part.IsAll && isSmall ? [prefix] : await NamesBelowAsync(prefix, cancellationToken);
            shards = [.. names.Select(peek.Below)];
            return shards;
        }
        finally
        {
            if (shards.Length == 0)
                await peek.EndAsync();
        }
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

    private async Task<IEnumerable<string>> NamesBelowAsync(string prefix, CancellationToken cancellationToken)
    {
        var names = await UnionAsync(prefix, cancellationToken);
        // A single team or project above everything: its repositories are the shards then.
        while (names is [var only] && part.IsAll && !only[prefix.Length..].StartsWith('_'))
        {
            var below = await UnionAsync(only, cancellationToken);
            if (below.Count == 0 || below.Any(name => name[only.Length..].StartsWith('_')))
                break;
            (prefix, names) = (only, below);
        }

        return names.Where(name => part.TakesName(name[prefix.Length..]));
    }

    private async Task<IReadOnlyList<string>> UnionAsync(string prefix, CancellationToken cancellationToken)
    {
        var names = await Task.WhenAll(source.PrefixesAsync(prefix, cancellationToken), target.PrefixesAsync(prefix, cancellationToken));
        return [.. names[0].Union(names[1], StringComparer.Ordinal).Order(KeyOrder.Instance)];
    }

    /// <summary>The first pages of both sides, which are read at the same time.</summary>
    private sealed class Peek(StoreListing source, StoreListing target, string prefix, CancellationToken cancellationToken)
    {
        private readonly Task<PeekedListing> _left = PeekedListing.ReadAsync(source, prefix, cancellationToken);
        private readonly Task<PeekedListing> _right = PeekedListing.ReadAsync(target, prefix, cancellationToken);

        /// <summary>The quicker side where it shows something by itself, else both: while one side's shards are listed, the other still reads its first pages.</summary>
        public async Task<IReadOnlyList<PeekedListing>> ShowingAsync(Predicate<PeekedListing> something)
        {
            var quicker = await Task.WhenAny(_left, _right);
            return quicker.IsCompletedSuccessfully && await quicker is var side && something(side) ? [side] : await Task.WhenAll(_left, _right);
        }

        /// <summary>A shard below a longer prefix, which waits for the first pages of both sides.</summary>
        public ListingShard Below(string longer) => new(longer, token => BelowAsync(_left, longer, token), token => BelowAsync(_right, longer, token));

        /// <summary>Waits for both sides, however they end, where no shard does so.</summary>
        public async Task EndAsync() => await ((Task)Task.WhenAll(_left, _right)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        private static async IAsyncEnumerable<ReadOnlyMemory<StoreEntry>> BelowAsync(Task<PeekedListing> side, string longer, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await foreach (var page in (await side).Below(longer, cancellationToken))
                yield return page;
        }
    }
}
