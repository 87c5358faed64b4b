using System.Text;
using RegistryMigration.Engine.Layouts;
using RegistryMigration.Engine.Manifests;
using RegistryMigration.Engine.Sync.Transfer;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Sync.Selection;

/// <summary>Narrows a repository to chosen tags and what they need.</summary>
internal sealed class TagClosure(SyncRun run, SelectedRepository repository)
{
    private readonly HashSet<Digest> _taken = [];
    private readonly Dictionary<Digest, ManifestDocument?> _manifests = [];

    /// <summary>Replaces the repository's tags and digests by the closure of those chosen.</summary>
    public async Task ResolveAsync(CancellationToken cancellationToken)
    {
        var tags = new Dictionary<string, StoreEntry>(StringComparer.Ordinal);
        foreach (var (name, entry) in Chosen())
            await TakeTagAsync(tags, name, entry, cancellationToken);
        while (await TakeReferrersAsync(tags, cancellationToken))
        {
            // A signature may have a signature of its own.
        }

        repository.Tags = tags;
        repository.Digests = _taken;
    }

    // Newest is when the tag was last moved: the time of its current link. Names settle ties, so that every run chooses the same.
    private KeyValuePair<string, StoreEntry>[] Chosen()
    {
        var matching = repository.Tags.Where(tag => Wildcard.Matches(run.Options.Tags, tag.Key));
        return run.Options.NewestTags is { } newest
            ? matching.OrderByDescending(tag => tag.Value.LastModified ?? DateTimeOffset.MinValue).ThenByDescending(tag => tag.Key, StringComparer.Ordinal).Take(newest).ToArray()
            : matching.ToArray();
    }

    private async Task TakeTagAsync(Dictionary<string, StoreEntry> tags, string name, StoreEntry entry, CancellationToken cancellationToken)
    {
        tags[name] = entry;
        var content = await ReadAsync(entry.Key, entry.Size, cancellationToken);
        if (content is not null && Digest.TryParse(Encoding.ASCII.GetString(content).Trim(), out var digest))
            await TakeManifestAsync(digest, cancellationToken);
    }

    private async Task TakeManifestAsync(Digest digest, CancellationToken cancellationToken)
    {
        if (!_taken.Add(digest) || await ManifestAsync(digest, cancellationToken) is not { } manifest)
            return;
        foreach (var blob in manifest.Blobs)
            _taken.Add(blob.Digest);
        foreach (var child in manifest.Children)
            await TakeManifestAsync(child.Digest, cancellationToken);
    }

    // By subject (OCI 1.1), and by the tags 'sha256-<hex>' with or without a suffix that stood in for it before and that cosign writes.
    private async Task<bool> TakeReferrersAsync(Dictionary<string, StoreEntry> tags, CancellationToken cancellationToken)
    {
        var before = _taken.Count + tags.Count;
        foreach (var revision in repository.Revisions)
        {
            if (!_taken.Contains(revision) && (await ManifestAsync(revision, cancellationToken))?.Subject is { } subject && _taken.Contains(subject.Digest))
                await TakeManifestAsync(revision, cancellationToken);
        }

        foreach (var (name, entry) in repository.Tags)
        {
            if (!tags.ContainsKey(name) && name.Length >= 71 && name.StartsWith("sha256-", StringComparison.Ordinal)
                && Digest.TryCreate("sha256", name[7..71], out var about) && _taken.Contains(about))
                await TakeTagAsync(tags, name, entry, cancellationToken);
        }

        return _taken.Count + tags.Count > before;
    }

    private async Task<ManifestDocument?> ManifestAsync(Digest digest, CancellationToken cancellationToken)
    {
        if (_manifests.TryGetValue(digest, out var known))
            return known;
        var key = run.Source.Layout.BlobKey(digest);
        ManifestDocument? manifest = null;
        if (await ReadAsync(key, StoreEntry.UnknownSize, cancellationToken) is not { } content)
            run.Tally.OnDefect(new StoreDefect(DefectKind.MissingManifest, key, "A manifest that a tag or index needs is not in the source. The tag is copied as it is; push the image again.", digest.ToString(), repository.Name, Origin: DefectOrigin.BrokenAtSource));
        else if (!ManifestDocument.TryParse(content, out manifest, out var reason))
            run.Tally.OnDefect(new StoreDefect(DefectKind.BrokenManifest, key, $"The manifest can't be read: {reason}. What it needs is not copied with it; push the image again.", digest.ToString(), repository.Name, Origin: DefectOrigin.BrokenAtSource));
        return _manifests[digest] = manifest;
    }

    private async Task<byte[]?> ReadAsync(string key, long size, CancellationToken cancellationToken)
    {
        try
        {
            if (size < 0)
                size = await run.Comparer.SizeAsync(run.Source, key, Party.Source, cancellationToken);
            if (size > ManifestDocument.MaxBytes)
                return [];
            var content = new byte[size];
            await using var source = new SourceStream(run.Source, key, size, run.Reading);
            await source.ReadExactlyAsync(content, cancellationToken);
            return content;
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.NotFound)
        {
            return null;
        }
    }
}
