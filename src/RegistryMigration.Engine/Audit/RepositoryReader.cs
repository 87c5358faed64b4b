using System.Runtime.CompilerServices;
using RegistryMigration.Engine.Layouts;
using RegistryMigration.Engine.Listing;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Audit;

/// <summary>Groups a listing by repository: the links of one are neighbours, as no component of a name starts with an underscore.</summary>
/// <param name="layout">Tells what a key means.</param>
/// <param name="listing">The listing.</param>
/// <param name="filter">The repositories wanted.</param>
/// <param name="links">Looks at the links themselves; null to trust their keys.</param>
/// <param name="onEntry">Told of every entry, also of what belongs to no repository wanted.</param>
internal sealed class RepositoryReader(ILayout layout, StoreListing listing, NameFilter filter, LinkCheck? links, Action<StoreEntry, EntryInfo>? onEntry = null)
{
    /// <summary>Prefixes of the top-level names below which repositories that are wanted may lie.</summary>
    public async Task<IReadOnlyList<string>> NamesAsync(string prefix, CancellationToken cancellationToken)
    {
        var names = await listing.PrefixesAsync(prefix, cancellationToken);
        return filter.IsAll ? names : [.. names.Where(name => filter.MayTakeBelow(name[prefix.Length..]))];
    }

    /// <summary>The repositories below a prefix, in the order of their keys; one is held at a time.</summary>
    public async IAsyncEnumerable<RepositoryContent> ReadAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        RepositoryContent? current = null;
        var pending = new List<UncheckedLink>();
        await foreach (var page in listing.ReadAsync(prefix, cancellationToken))
        {
            for (var i = 0; i < page.Length; i++)
            {
                var info = layout.Classify(page.Span[i].Key);
                onEntry?.Invoke(page.Span[i], info);
                if (info.RepositoryName.IsEmpty || info.Kind is EntryKind.Upload or EntryKind.Unknown)
                    continue;
                if (current is null || !info.RepositoryName.SequenceEqual(current.Name))
                {
                    var name = info.RepositoryName.ToString();
                    if (!filter.Takes(name))
                        continue;
                    if (current is not null)
                    {
                        await FlushAsync(current, pending, cancellationToken);
                        yield return current;
                    }

                    current = new RepositoryContent(name);
                }

                Take(current, page.Span[i], info, pending);
            }

            if (current is not null)
                await FlushAsync(current, pending, cancellationToken);
        }

        if (current is not null)
            yield return current;
    }

    private void Take(RepositoryContent repository, in StoreEntry entry, EntryInfo info, List<UncheckedLink> pending)
    {
        repository.NewestAt = AuditRun.Newest(repository.NewestAt, entry.LastModified);
        switch (info.Kind)
        {
            case EntryKind.LayerLink:
                repository.AddLayer(info.Digest);
                break;
            case EntryKind.RevisionLink when !IsSignature(entry.Key):
                repository.AddRevision(info.Digest, entry.LastModified);
                break;
            case EntryKind.TagIndexLink:
                TagOf(repository, info.Tag!).History.Add(info.Digest);
                break;
            case EntryKind.TagCurrentLink:
                TagOf(repository, info.Tag!).Current = entry;
                return;
        }

        if (links is not null && links.Take(entry, info))
            pending.Add(new UncheckedLink(entry.Key, info));
    }

    private async Task FlushAsync(RepositoryContent repository, List<UncheckedLink> pending, CancellationToken cancellationToken)
    {
        if (pending.Count > 0)
            await links!.CheckAsync(repository, pending, cancellationToken);
        pending.Clear();
    }

    // Registries before 2.3 kept the signatures of schema 1 as blobs of their own: revisions/<alg>/<hex>/signatures/<alg>/<hex>/link.
    private static bool IsSignature(string key) => key.LastIndexOf("/signatures/", StringComparison.Ordinal) > key.LastIndexOf("/_manifests/", StringComparison.Ordinal);

    private static TagLinks TagOf(RepositoryContent repository, string name)
    {
        if (repository.Tags.Count == 0 || repository.Tags[^1].Name != name)
            repository.Tags.Add(new TagLinks(name));
        return repository.Tags[^1];
    }
}

/// <summary>A link whose content its listing does not prove.</summary>
internal readonly record struct UncheckedLink(string Key, EntryInfo Info);
