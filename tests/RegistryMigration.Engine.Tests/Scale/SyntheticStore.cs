using System.Globalization;
using System.Runtime.CompilerServices;
using RegistryMigration.Engine.Layouts;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Engine.Sync.Planning;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Scale;

/// <summary>Makes up a registry of any size while it is listed: half of the keys are blobs, half are layer links of a hundred repositories.</summary>
internal sealed class SyntheticStore(long keys) : IStore
{
    private const int Repositories = 100;
    private const int Page = 1000;
    private static readonly string Md5 = SamenessRule.LinkMd5(Digest.EmptySha256);

    private long _listed;

    /// <summary>What entries say of their time; null says nothing, as a store may, and then they count as young.</summary>
    public DateTimeOffset? WrittenAt { get; init; }

    /// <summary>Called now and then with the number of keys listed so far.</summary>
    public Action<long>? OnListed { get; init; }

    public string Name => "synthetic";

    public StoreCapabilities Capabilities { get; } = new() { ListsMd5 = true, ConditionalWrite = true };

    public StoreTraffic Traffic { get; } = new("memory");

    private long Half => keys / 2;

    public OpenStore Open() => new(new RegistryStore("/synthetic"), this, DistributionLayout.Instance, "", Found: true);

    public async IAsyncEnumerable<ReadOnlyMemory<StoreEntry>> ListAsync(string prefix, Action<RejectedEntry>? rejected, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.Yield();
        var (first, last, repository) = RangeOf(prefix);
        for (var at = first; at < last; at += Page)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Traffic.CountRequest();
            var page = new StoreEntry[(int)Math.Min(Page, last - at)];
            for (var i = 0; i < page.Length; i++)
                page[i] = new StoreEntry(Key(at + i, repository), repository is null ? 100 : 71, Md5, WrittenAt);
            yield return page;
            var listed = Interlocked.Add(ref _listed, page.Length);
            if (OnListed is not null && listed / 200_000 != (listed - page.Length) / 200_000)
                OnListed(listed);
        }
    }

    public Task<IReadOnlyList<string>> ListPrefixesAsync(string prefix, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<string>>(
        prefix == "repositories/" ? [.. Enumerable.Range(0, Repositories).Select(number => string.Create(CultureInfo.InvariantCulture, $"repositories/{number:000}/"))] : []);

    public Task<IReadOnlyList<StoreEntry>> ListFilesAsync(string prefix, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<StoreEntry>>([]);

    public Task<StoreEntry?> StatAsync(string key, CancellationToken cancellationToken) => throw new NotSupportedException(key);

    public Task<StoreReader> ReadAsync(string key, long offset, string? version, CancellationToken cancellationToken) => throw new NotSupportedException(key);

    public Task<WriteOutcome> WriteAsync(string key, StoreContent content, CancellationToken cancellationToken) => throw new NotSupportedException(key);

    public Task DeleteAsync(string key, CancellationToken cancellationToken) => throw new NotSupportedException(key);

    public Task<bool> InitializeAsync(IReadOnlyDictionary<string, string> metadata, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask DisposeAsync() => default;

    // Digests lie evenly over their whole range, so hex digits and repositories are ranges of numbers.
    private (long First, long Last, string? Repository) RangeOf(string prefix)
    {
        const string Blobs = "blobs/sha256/";
        if (prefix.StartsWith(Blobs, StringComparison.Ordinal))
        {
            var digits = prefix[Blobs.Length..].TrimEnd('/');
            var of = Math.Pow(16, digits.Length);
            var at = digits.Length == 0 ? 0 : int.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            return ((long)Math.Ceiling(Half * (at / of)), (long)Math.Ceiling(Half * ((at + 1) / of)), null);
        }

        if (!prefix.StartsWith("repositories/", StringComparison.Ordinal))
            return default;
        // The whole prefix is only peeked at, so its first repository is enough.
        var name = prefix == "repositories/" ? "000" : prefix[^4..^1];
        var number = int.Parse(name, CultureInfo.InvariantCulture);
        return (Half * number / Repositories, Half * (number + 1) / Repositories, name);
    }

    private string Key(long number, string? repository)
    {
        var hex = (ulong)((UInt128)number * ((UInt128)1 << 64) / (ulong)Half);
        return repository is null
            ? string.Create(CultureInfo.InvariantCulture, $"blobs/sha256/{hex >> 56:x2}/{hex:x16}ffffffffffffffffffffffffffffffffffffffffffffffff/data")
            : string.Create(CultureInfo.InvariantCulture, $"repositories/{repository}/_layers/sha256/{hex:x16}ffffffffffffffffffffffffffffffffffffffffffffffff/link");
    }
}
