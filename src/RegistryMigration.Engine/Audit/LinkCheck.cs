using System.Text;
using RegistryMigration.Engine.Layouts;
using RegistryMigration.Engine.Sync.Planning;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Audit;

/// <summary>Checks that links say what their keys say; fetches only those whose listing can't prove it.</summary>
internal sealed class LinkCheck(AuditRun run)
{
    /// <summary>More than any link has; what is longer is no link.</summary>
    public const int MaxBytes = 256;

    /// <summary>Counts a link, marks its blob as wanted, and says whether its content must be looked at.</summary>
    public bool Take(in StoreEntry entry, EntryInfo info)
    {
        run.Log.Add(AuditCount.Links);
        if (info.Kind != EntryKind.TagIndexLink && run.Blobs.TryFind(info.Digest, out var blob))
            blob.MarkLinked();
        // From a directory no MD5 comes, and reading is cheap.
        return entry.Md5 is null || entry.Md5 != SamenessRule.LinkMd5(info.Digest);
    }

    /// <summary>Reads links and reports those that say something else than their keys.</summary>
    public Task CheckAsync(RepositoryContent repository, IReadOnlyList<UncheckedLink> links, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(links, run.Parallel(cancellationToken), async (link, token) => await CheckAsync(repository, link, token));

    /// <summary>What a tag's current link says; null where it is gone, or was reported as broken.</summary>
    public async Task<Digest?> ReadCurrentAsync(RepositoryContent repository, TagLinks tag, StoreEntry current, CancellationToken cancellationToken)
    {
        // The manifest it points at is almost always the one that it was moved to last, and that is among its index links.
        if (Candidate(tag, current) is { } known)
            return known;
        if (await ReadAsync(repository, current.Key, null, tag.Name, cancellationToken) is not { } text)
            return null;
        if (Digest.TryParse(text, out var digest))
            return digest;
        await ReportBrokenAsync(repository, current.Key, null, tag.Name, text, cancellationToken);
        return null;
    }

    /// <summary>The digest that a current link says, where its listing proves it.</summary>
    public static Digest? Candidate(TagLinks tag, StoreEntry current)
    {
        if (current.Md5 is null)
            return null;
        foreach (var digest in tag.History)
        {
            if (SamenessRule.LinkMd5(digest) == current.Md5)
                return digest;
        }

        return null;
    }

    private async Task CheckAsync(RepositoryContent repository, UncheckedLink link, CancellationToken cancellationToken)
    {
        var named = link.Info.Digest;
        if (await ReadAsync(repository, link.Key, named, link.Info.Tag, cancellationToken) is not { } text)
            return;
        if (!Digest.TryParse(text, out var digest))
        {
            await ReportBrokenAsync(repository, link.Key, named, link.Info.Tag, text, cancellationToken);
        }
        else if (digest.Algorithm != named.Algorithm)
        {
            repository.AddAlias(named, digest);
            if (run.Blobs.TryFind(digest, out var blob))
                blob.MarkLinked();
        }
        else if (digest != named)
        {
            var defect = new StoreDefect(DefectKind.ForeignLink, link.Key, $"The link of {named} says {digest}: a registry serves the wrong content, or none. Copy it again from its source, or push the image again.", named.ToString(), repository.Name, link.Info.Tag);
            await run.ReportAsync(defect, new Evidence(Content: text), repository.NewestAt, cancellationToken);
        }
    }

    private async Task<string?> ReadAsync(RepositoryContent repository, string key, Digest? named, string? tag, CancellationToken cancellationToken)
    {
        try
        {
            return await run.Probe.ReadAsync(key, MaxBytes, cancellationToken) is { } content ? Encoding.UTF8.GetString(content) : null;
        }
        catch (StoreException e) when (AuditRun.IsUnreadable(e))
        {
            await run.ReportAsync(BlobPass.Unreadable(key, named, e) with { Repository = repository.Name, Tag = tag }, default, repository.NewestAt, cancellationToken);
            return null;
        }
    }

    private Task ReportBrokenAsync(RepositoryContent repository, string key, Digest? named, string? tag, string text, CancellationToken cancellationToken)
    {
        var what = text.Length == 0 ? "is empty" : "holds no digest";
        var defect = new StoreDefect(DefectKind.BrokenLink, key, $"The link '{key}' {what}. Copy it again from its source, or push the image again.", named?.ToString(), repository.Name, tag);
        return run.ReportAsync(defect, new Evidence(Content: text), repository.NewestAt, cancellationToken);
    }
}
