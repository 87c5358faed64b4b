using System.Collections.Concurrent;
using RegistryMigration.Engine.Layouts;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Sync.Transfer;

/// <summary>Knows whether what a link points at is at the target, so that the target never advertises what it lacks.</summary>
/// <remarks>
/// A live registry takes pushes while it is copied: an image pushed between the listing of the blobs and that of the links would get
/// links without blobs. So a link that is as young as the pass is copied only when its blob was listed in this pass, or lies at the
/// target (one request). Older links need no look: the blobs they point at were listed. What a copy failed to bring holds its links back.
/// </remarks>
internal sealed class LinkTargets(SyncRun run)
{
    // Clocks of servers that S3 accepts differ by 15 minutes at most (RequestTimeTooSkewed); five more for good measure.
    private static readonly TimeSpan ClockMargin = TimeSpan.FromMinutes(20);

    // 8 bytes of digest each, about 20 MB in all. Blobs beyond that cost a request when a young link points at them.
    private const int MaxYoungBlobs = 1_000_000;

    private readonly DateTimeOffset _youngSince = run.Time.GetUtcNow() - ClockMargin;
    private readonly HashSet<ulong> _youngBlobs = [];
    private readonly ConcurrentDictionary<Digest, byte> _failedBlobs = new();

    /// <summary>Remembers a blob of the source that was listed in this pass and may be younger than some listing.</summary>
    public void NoteListed(EntryInfo info, in StoreEntry source)
    {
        if (!IsYoung(source))
            return;
        lock (_youngBlobs)
        {
            if (_youngBlobs.Count < MaxYoungBlobs)
                _youngBlobs.Add(RepositoryState.Fingerprint(info.Hex));
        }
    }

    /// <summary>Remembers a blob that is not at the target because its copy failed.</summary>
    public void NoteFailed(Digest digest) => _failedBlobs[digest] = 0;

    /// <summary>Whether the copy of a blob has failed.</summary>
    public bool HasFailed(Digest digest) => _failedBlobs.ContainsKey(digest);

    /// <summary>Whether the blob of a layer, revision or tag index link is at the target.</summary>
    public async ValueTask<bool> IsBlobReadyAsync(CopyItem item, CancellationToken cancellationToken)
    {
        var digest = item.Info.Digest;
        if (HasFailed(digest))
            return false;
        if (!IsYoung(item.Source) || WasListed(digest))
            return true;
        var key = run.Target.Layout.BlobKey(digest);
        // A link whose blob the source lacks as well is the source's defect, and is copied as it is.
        return await run.Comparer.ExistsAsync(run.Target, key, Party.Target, cancellationToken)
               || !await run.Comparer.ExistsAsync(run.Source, key, Party.Source, cancellationToken);
    }

    /// <summary>Whether the manifest that a tag points at is linked at the target.</summary>
    public async ValueTask<bool> IsRevisionReadyAsync(CopyItem item, Digest revision, CancellationToken cancellationToken)
    {
        if (item.Repository is { } repository && repository.HasRevision(revision))
            return true;
        var key = DistributionLayout.RevisionLinkKey(item.Info.Repository!, revision);
        return await run.Comparer.ExistsAsync(run.Target, key, Party.Target, cancellationToken)
               || !await run.Comparer.ExistsAsync(run.Source, key, Party.Source, cancellationToken);
    }

    /// <summary>Whether a revision or tag may have been pushed after a link that waits for the next pass.</summary>
    public bool MayNeedDeferred(CopyItem item) => item.Repository is { HasDeferred: true } && item.Info.Kind != EntryKind.LayerLink && IsYoung(item.Source);

    private bool WasListed(Digest digest)
    {
        lock (_youngBlobs)
            return _youngBlobs.Contains(RepositoryState.Fingerprint(digest.Hex));
    }

    private bool IsYoung(in StoreEntry entry) => entry.LastModified is not { } written || written >= _youngSince;
}
