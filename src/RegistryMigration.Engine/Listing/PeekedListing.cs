using System.Globalization;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Listing;

/// <summary>The first pages of a listing: all of it where it is small, and a guess at its size where it is not.</summary>
internal sealed class PeekedListing
{
    private const int MaxPages = 2;

    private readonly StoreListing _listing;
    private readonly string _prefix;
    private readonly List<StoreEntry> _entries;

    private PeekedListing(StoreListing listing, string prefix, List<StoreEntry> entries, bool isComplete)
    {
        _listing = listing;
        _prefix = prefix;
        _entries = entries;
        IsComplete = isComplete;
    }

    /// <summary>Whether these entries are all there are.</summary>
    public bool IsComplete { get; }

    public static async Task<PeekedListing> ReadAsync(StoreListing listing, string prefix, CancellationToken cancellationToken)
    {
        var entries = new List<StoreEntry>();
        var pages = 0;
        await foreach (var page in listing.ReadAsync(prefix, cancellationToken))
        {
            entries.AddRange(page.Span);
            if (++pages > MaxPages)
                return new PeekedListing(listing, prefix, entries, isComplete: false);
        }

        return new PeekedListing(listing, prefix, entries, isComplete: true);
    }

    /// <summary>How many entries there may be, from how far into the hex digits behind the prefix the first pages reach.</summary>
    public long EstimateTotal()
    {
        if (IsComplete || _entries.Count == 0)
            return _entries.Count;
        // Four hex digits, with the '/' of the two-digit directory among them.
        var digits = _entries[^1].Key[_prefix.Length..].Replace("/", "", StringComparison.Ordinal);
        return digits.Length >= 4 && int.TryParse(digits.AsSpan(2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var reached)
            ? _entries.Count * 0x10000L / Math.Max(1, reached)
            : long.MaxValue;
    }

    /// <summary>The entries below a longer prefix: from memory where the first pages reach beyond it, else listed anew.</summary>
    public IAsyncEnumerable<ReadOnlyMemory<StoreEntry>> Below(string prefix, CancellationToken cancellationToken) =>
        IsComplete || Passes(prefix) ? Slice(prefix) : _listing.ReadAsync(prefix, cancellationToken);

    private bool Passes(string prefix) =>
        _entries is [.., { Key: var last }] && KeyOrder.Compare(last, prefix) > 0 && !last.StartsWith(prefix, StringComparison.Ordinal);

    private async IAsyncEnumerable<ReadOnlyMemory<StoreEntry>> Slice(string prefix)
    {
        await Task.CompletedTask;
        var slice = _entries.Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal)).ToArray();
        if (slice.Length > 0)
            yield return slice;
    }
}
