using System.Runtime.CompilerServices;
using System.Text;
using RegistryMigration.Engine.Audit;
using RegistryMigration.Engine.Manifests;
using RegistryMigration.Engine.Resilience;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Layouts;

/// <summary>Repositories and tags as they lie in a store, without a registry.</summary>
/// <remarks>Repositories cost two small listings each; tags one listing for each thousand links, and a read of those whose digest it does not prove.</remarks>
public sealed class RegistryCatalog : IDisposable
{
    private const int Lookahead = 8;
    private readonly OpenStore _store;
    private readonly StoreProbe _probe;
    private readonly SemaphoreSlim _listings = new(Lookahead);

    /// <summary>A catalog of a store that is open.</summary>
    public RegistryCatalog(OpenStore store)
        : this(store, new RetryOptions(), TimeProvider.System)
    {
    }

    /// <summary>A catalog with retries and clock of one's own.</summary>
    public RegistryCatalog(OpenStore store, RetryOptions retry, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(store);
        _store = store;
        _probe = new StoreProbe(store, new RetryPolicy(retry, time), new StoreContext().StallTimeout, Lookahead, time);
    }

    /// <summary>Repositories whose name matches one of the wildcards, in the order of their names' components; none given: all.</summary>
    /// <exception cref="StoreException">The store can't be listed, or its layout keeps no repositories (Quay's are in its database).</exception>
    public async IAsyncEnumerable<RepositoryInfo> RepositoriesAsync(IReadOnlyList<string> wildcards, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var root = RepositoriesPrefix();
        var filter = new NameFilter(wildcards);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var window = new Queue<Task<List<RepositoryInfo>>>();
        var names = new Queue<string>(await PrefixesAsync(root, cancellationToken));
        try
        {
            while (names.Count > 0 || window.Count > 0)
            {
                while (window.Count < Lookahead && names.TryDequeue(out var name))
                    window.Enqueue(FindBelowAsync(name, root.Length, filter, stop.Token));
                // Taken out only when done, so that whatever is in flight is waited for below.
                foreach (var repository in await window.Peek())
                    yield return repository;
                _ = window.Dequeue();
            }
        }
        finally
        {
            await stop.CancelAsync();
            foreach (var task in window)
                await ((Task)task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>The tags of a repository, in the order of their names.</summary>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.NotFound"/>: there is no such repository.</exception>
    public IAsyncEnumerable<TagInfo> TagsAsync(string repository, CancellationToken cancellationToken) => TagsAsync(repository, detailed: false, cancellationToken);

    /// <summary>The tags of a repository, in the order of their names, with what their manifests say when asked.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="detailed">Read each tag's manifest for media type, size and platforms: one more request a tag.</param>
    /// <param name="cancellationToken">Ends the requests.</param>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.NotFound"/>: there is no such repository.</exception>
    public async IAsyncEnumerable<TagInfo> TagsAsync(string repository, bool detailed, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(repository);
        var prefix = $"{RepositoriesPrefix()}{repository}/_manifests/tags/";
        var reader = new RepositoryReader(_store.Layout, _probe.Listing(Party.Source, _ => { }), new NameFilter([]), null);
        var window = new Queue<Task<TagInfo>>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var found = false;
        try
        {
            await foreach (var content in reader.ReadAsync(prefix, cancellationToken))
            {
                found = true;
                foreach (var tag in content.Tags)
                {
                    window.Enqueue(DescribeAsync(repository, tag, detailed, stop.Token));
                    if (window.Count < Lookahead)
                        continue;
                    yield return await window.Peek();
                    _ = window.Dequeue();
                }
            }

            while (window.TryPeek(out var last))
            {
                yield return await last;
                _ = window.Dequeue();
            }
        }
        finally
        {
            await stop.CancelAsync();
            foreach (var task in window)
                await ((Task)task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (!found && (await PrefixesAsync($"{RepositoriesPrefix()}{repository}/", cancellationToken)).All(name => !IsOwn(name)))
            throw new StoreException(StoreErrorKind.NotFound, $"{_store.Store.Name} has no repository '{repository}'. Get-RegistryRepository shows those it has.") { Store = _store.Store.Name };
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _probe.Dispose();
        _listings.Dispose();
    }

    private string RepositoriesPrefix() => _store.Layout.RepositoriesPrefix
        ?? throw new StoreException(StoreErrorKind.Unsupported, $"{_store.Store.Name} has the {_store.Layout.Kind} layout, whose repositories and tags are in the registry's database. Ask the registry instead.") { Store = _store.Store.Name };

    // The repository at a prefix, where there is one, and those nested in it.
    private async Task<List<RepositoryInfo>> FindBelowAsync(string prefix, int rootLength, NameFilter filter, CancellationToken cancellationToken)
    {
        var found = new List<RepositoryInfo>();
        if (!filter.MayTakeBelow(prefix[rootLength..]))
            return found;
        var below = await PrefixesAsync(prefix, cancellationToken);
        var name = prefix[rootLength..^1];
        var nested = below.Where(child => !IsOwn(child)).Select(child => FindBelowAsync(child, rootLength, filter, cancellationToken)).ToList();
        var isRepository = filter.Takes(name) && below.Any(child => child == prefix + "_layers/" || child == prefix + "_manifests/");
        var tags = isRepository ? PrefixesAsync(prefix + "_manifests/tags/", cancellationToken) : Task.FromResult<IReadOnlyList<string>>([]);
        await Task.WhenAll(nested.Append<Task>(tags));
        if (isRepository)
            found.Add(new RepositoryInfo(_store.Definition, name, (await tags).Count));
        foreach (var repositories in nested)
            found.AddRange(await repositories);
        return found;
    }

    // _layers/, _manifests/ and _uploads/ belong to the repository above them; no name starts with an underscore.
    private static bool IsOwn(string prefix) => prefix.AsSpan(0, prefix.Length - 1).LastIndexOf("/_") == prefix.AsSpan(0, prefix.Length - 1).LastIndexOf('/');

    private async Task<TagInfo> DescribeAsync(string repository, TagLinks tag, bool detailed, CancellationToken cancellationToken)
    {
        var digest = tag.Current is not { } current ? null : LinkCheck.Candidate(tag, current) ?? await ReadDigestAsync(current.Key, cancellationToken);
        var info = new TagInfo(_store.Definition, repository, tag.Name, digest?.ToString(), tag.Current?.LastModified);
        return detailed && digest is not null ? await WithDetailsAsync(info, digest.Value, cancellationToken) : info;
    }

    private async Task<Digest?> ReadDigestAsync(string key, CancellationToken cancellationToken) =>
        await _probe.ReadAsync(key, LinkCheck.MaxBytes, cancellationToken) is { } content && Digest.TryParse(Encoding.UTF8.GetString(content), out var digest) ? digest : null;

    private async Task<TagInfo> WithDetailsAsync(TagInfo info, Digest digest, CancellationToken cancellationToken)
    {
        if (await _probe.ReadAsync(_store.Layout.BlobKey(digest), ManifestDocument.MaxBytes, cancellationToken) is not { } content
            || !ManifestDocument.TryParse(content, out var manifest, out _))
            return info;
        var layers = manifest.Blobs.DistinctBy(blob => blob.Digest).ToList();
        return info with
        {
            MediaType = manifest.MediaType,
            Size = manifest.Kind == ManifestKind.Image ? layers.Sum(layer => layer.Size) : null,
            Platforms = manifest.Children.Select(child => child.Platform?.ToString()).OfType<string>().Distinct().ToArray(),
        };
    }

    private async Task<IReadOnlyList<string>> PrefixesAsync(string prefix, CancellationToken cancellationToken)
    {
        await _listings.WaitAsync(cancellationToken);
        try
        {
            return await _probe.Listing(Party.Source, _ => { }).PrefixesAsync(prefix, cancellationToken);
        }
        finally
        {
            _listings.Release();
        }
    }
}
