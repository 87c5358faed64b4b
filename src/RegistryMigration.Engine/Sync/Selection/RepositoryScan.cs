using RegistryMigration.Engine.Layouts;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Sync.Selection;

/// <summary>Lists the links of the repositories that a filter names.</summary>
internal static class RepositoryScan
{
    public static async Task<Dictionary<string, SelectedRepository>> RunAsync(SyncRun run, CancellationToken cancellationToken)
    {
        var repositories = new Dictionary<string, SelectedRepository>(StringComparer.Ordinal);
        foreach (var prefix in Prefixes(run.Options.Repositories))
        {
            await foreach (var page in run.SourceListing.ReadAsync(run.Source.Layout.RepositoriesPrefix + prefix, cancellationToken))
            {
                foreach (ref readonly var entry in page.Span)
                    Take(run, repositories, entry);
            }
        }

        return repositories;
    }

    // Literal beginnings of the patterns, those left out that a shorter one covers: no key is listed twice.
    private static List<string> Prefixes(IReadOnlyList<string> patterns)
    {
        var prefixes = new List<string>();
        foreach (var prefix in patterns.Select(Wildcard.LiteralPrefix).DefaultIfEmpty("").Order(StringComparer.Ordinal))
        {
            if (prefixes.Count == 0 || !prefix.StartsWith(prefixes[^1], StringComparison.Ordinal))
                prefixes.Add(prefix);
        }

        return prefixes;
    }

    private static void Take(SyncRun run, Dictionary<string, SelectedRepository> repositories, in StoreEntry entry)
    {
        var info = run.Source.Layout.Classify(entry.Key);
        if (info.Repository is not { } name || !info.IsContent || !Wildcard.Matches(run.Options.Repositories, name))
            return;
        if (!repositories.TryGetValue(name, out var repository))
            repositories.Add(name, repository = new SelectedRepository(name));
        switch (info.Kind)
        {
            case EntryKind.RevisionLink:
                repository.Digests.Add(info.Digest);
                repository.Revisions.Add(info.Digest);
                break;
            case EntryKind.LayerLink or EntryKind.TagIndexLink:
                repository.Digests.Add(info.Digest);
                break;
            case EntryKind.TagCurrentLink:
                repository.Tags[info.Tag!] = entry;
                break;
        }
    }
}
