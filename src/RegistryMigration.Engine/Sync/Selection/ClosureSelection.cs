using RegistryMigration.Engine.Layouts;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Sync.Selection;

/// <summary>Takes chosen repositories and tags with everything that they need: index → manifests → config, layers, and referrers by subject.</summary>
internal sealed class ClosureSelection : ISelection
{
    private readonly Dictionary<string, SelectedRepository> _repositories;
    private readonly HashSet<Digest> _blobs;

    private ClosureSelection(Dictionary<string, SelectedRepository> repositories)
    {
        _repositories = repositories;
        _blobs = [.. repositories.Values.SelectMany(repository => repository.Digests)];
    }

    /// <summary>Reads the links and manifests of the chosen repositories. Memory grows with what is chosen, not with the store.</summary>
    /// <exception cref="StoreException">The layout keeps no repositories in the store, or none matches.</exception>
    public static async Task<ClosureSelection> FindAsync(SyncRun run, CancellationToken cancellationToken)
    {
        if (run.Source.Layout.RepositoriesPrefix is null)
            throw new StoreException(StoreErrorKind.Unsupported, "Quay keeps repositories and tags in its database, not in its storage: filters by repository or tag can't be applied. Copy everything.") { Party = Party.Source };
        var repositories = await RepositoryScan.RunAsync(run, cancellationToken);
        if (repositories.Count == 0)
            throw new StoreException(StoreErrorKind.NotFound, $"No repository in {run.Source.Store.Name} matches {string.Join(", ", run.Options.Repositories)}. List them with Get-RegistryRepository.") { Party = Party.Source };
        if (run.Options.Tags.Count > 0 || run.Options.NewestTags is not null)
        {
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = Math.Min(8, run.Options.MaxConcurrency), CancellationToken = cancellationToken };
            await Parallel.ForEachAsync(repositories.Values, parallel, async (repository, token) => await new TagClosure(run, repository).ResolveAsync(token));
        }

        return new ClosureSelection(repositories);
    }

    /// <inheritdoc />
    public bool Takes(EntryInfo info) => info.Kind switch
    {
        EntryKind.Blob => _blobs.Contains(info.Digest),
        EntryKind.LayerLink or EntryKind.RevisionLink => Find(info) is { } repository && repository.Digests.Contains(info.Digest),
        EntryKind.TagIndexLink => Find(info) is { } repository && repository.Tags.ContainsKey(info.Tag!) && repository.Digests.Contains(info.Digest),
        EntryKind.TagCurrentLink => Find(info) is { } repository && repository.Tags.ContainsKey(info.Tag!),
        _ => false,
    };

    private SelectedRepository? Find(EntryInfo info) => info.Repository is { } name ? _repositories.GetValueOrDefault(name) : null;
}
