using System.Globalization;
using System.Runtime.CompilerServices;
using RegistryMigration.Engine.Layouts;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Model;

namespace RegistryMigration.Benchmarks.Scale;

/// <summary>Lists a made-up registry without ever holding more of it than a page; as a target it lacks some of it.</summary>
internal sealed class SyntheticStore(SyntheticRegistry registry, bool isTarget) : IStore
{
    private const string Blobs = "blobs/sha256/";
    private const string Repositories = "repositories/";

    // What S3 answers with at a time.
    private const int PageLength = 1000;

    private static readonly DateTimeOffset Written = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public string Name => isTarget ? "synthetic target" : "synthetic source";

    public StoreCapabilities Capabilities { get; } = new() { ListsMd5 = true };

    public StoreTraffic Traffic { get; } = new("memory");

    public OpenStore Open() => new(new RegistryStore("/synthetic"), this, DistributionLayout.Instance, "", Found: true);

    public async IAsyncEnumerable<ReadOnlyMemory<StoreEntry>> ListAsync(string prefix, Action<RejectedEntry>? rejected, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var entries = Entries(prefix).GetEnumerator();
        for (var count = PageLength; count == PageLength;)
        {
            // A real listing waits for its server.
            await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();
            Traffic.CountRequest();
            var page = new StoreEntry[PageLength];
            for (count = 0; count < PageLength && entries.MoveNext(); count++)
                page[count] = entries.Current;
            yield return page.AsMemory(0, count);
        }
    }

    public Task<IReadOnlyList<string>> ListPrefixesAsync(string prefix, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> names = prefix == Repositories
            ? [.. Numbers(0, registry.Teams).Select(SyntheticRegistry.TeamPrefix)]
            : [.. RepositoriesBelow(prefix).Select(SyntheticRegistry.RepositoryPrefix)];
        return Task.FromResult(names);
    }

    public Task<IReadOnlyList<StoreEntry>> ListFilesAsync(string prefix, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<StoreEntry>>([]);

    public Task<StoreEntry?> StatAsync(string key, CancellationToken cancellationToken) => throw new NotSupportedException(key);

    public Task<StoreReader> ReadAsync(string key, long offset, string? version, CancellationToken cancellationToken) => throw new NotSupportedException(key);

    public Task<WriteOutcome> WriteAsync(string key, StoreContent content, CancellationToken cancellationToken) => throw new NotSupportedException(key);

    public Task DeleteAsync(string key, CancellationToken cancellationToken) => throw new NotSupportedException(key);

    public Task<bool> InitializeAsync(IReadOnlyDictionary<string, string> metadata, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask DisposeAsync() => default;

    private IEnumerable<StoreEntry> Entries(string prefix) =>
        prefix.StartsWith(Blobs, StringComparison.Ordinal) ? BlobEntries(prefix[Blobs.Length..].TrimEnd('/')) : RepositoriesBelow(prefix).SelectMany(LinkEntries);

    private IEnumerable<StoreEntry> BlobEntries(string digits)
    {
        var end = registry.BlobsBefore(digits, after: true);
        for (var number = registry.BlobsBefore(digits, after: false); number < end; number++)
        {
            if (!isTarget || !SyntheticRegistry.IsMissing(number, 0))
                yield return new StoreEntry(registry.Blob(number), 1000 + number % 9000, SyntheticRegistry.Md5Of(number, 0), Written);
        }
    }

    private IEnumerable<StoreEntry> LinkEntries(long repository)
    {
        var prefix = SyntheticRegistry.RepositoryPrefix(repository);
        var seed = SyntheticRegistry.SeedOf(repository);
        for (var number = 0; number < SyntheticRegistry.LinksPerRepository; number++)
        {
            var (key, missing, moved) = SyntheticRegistry.Link(prefix, seed, number);
            if (!isTarget || !missing)
                yield return new StoreEntry(key, 71, SyntheticRegistry.Md5Of(number, isTarget && moved ? seed + 1 : seed), Written);
        }
    }

    // All, those of a team, or one.
    private IEnumerable<long> RepositoriesBelow(string prefix)
    {
        if (prefix == Repositories)
            return Numbers(0, registry.Repositories);
        if (!prefix.StartsWith(Repositories, StringComparison.Ordinal))
            return [];
        var names = prefix[Repositories.Length..].TrimEnd('/').Split('/');
        var (first, last) = registry.RepositoriesOf(NumberIn(names[0]));
        return names.Length == 1 ? Numbers(first, last) : [first + NumberIn(names[1])];
    }

    private static long NumberIn(string name) => long.Parse(name.AsSpan(name.IndexOf('-', StringComparison.Ordinal) + 1), CultureInfo.InvariantCulture);

    private static IEnumerable<long> Numbers(long first, long last)
    {
        for (var number = first; number < last; number++)
            yield return number;
    }
}
