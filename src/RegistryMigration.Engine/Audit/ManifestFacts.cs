using System.Collections.Concurrent;
using RegistryMigration.Engine.Content;
using RegistryMigration.Engine.Manifests;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Audit;

/// <summary>What an audit needs of a manifest.</summary>
/// <param name="References">What it refers to; the subject is not among it, since it need not exist.</param>
/// <param name="Problem">Why it is none; null for a good one.</param>
internal sealed record ManifestFacts(ManifestReference[] References, string? Problem = null);

/// <summary>Reads each manifest once, however many repositories share it.</summary>
/// <remarks>Holds a million references (56 MB), some 100,000 manifests, and then starts anew: beyond that a shared one may be read again.</remarks>
internal sealed class ManifestCache(AuditRun run)
{
    private const long MaxReferences = 1_000_000;
    private readonly ConcurrentDictionary<BlobId, Lazy<Task<ManifestFacts?>>> _facts = new();
    private long _held;

    /// <summary>The manifest's facts; null where its bytes are not what its name says, which is reported once.</summary>
    public Task<ManifestFacts?> GetAsync(Digest digest, BlobSlot blob, CancellationToken cancellationToken)
    {
        if (Interlocked.Read(ref _held) > MaxReferences)
        {
            Interlocked.Exchange(ref _held, 0);
            _facts.Clear();
        }

        return _facts.GetOrAdd(blob.Id, _ => new Lazy<Task<ManifestFacts?>>(() => ReadAsync(digest, blob, cancellationToken))).Value;
    }

    private async Task<ManifestFacts?> ReadAsync(Digest digest, BlobSlot blob, CancellationToken cancellationToken)
    {
        var facts = blob.Size > ManifestDocument.MaxBytes
            ? new ManifestFacts([], $"it has {blob.Size} bytes, and registries take no manifest above {ManifestDocument.MaxBytes}")
            : await FetchAsync(digest, blob, cancellationToken);
        Interlocked.Add(ref _held, 1 + (facts?.References.Length ?? 0));
        return facts;
    }

    private async Task<ManifestFacts?> FetchAsync(Digest digest, BlobSlot blob, CancellationToken cancellationToken)
    {
        var key = run.Layout.BlobKey(digest);
        StoreDefect defect;
        try
        {
            if (await run.Probe.ReadAsync(key, ManifestDocument.MaxBytes, cancellationToken) is not { } content)
            {
                blob.MarkGone();
                return null;
            }

            run.Log.Add(AuditCount.Manifests);
            var actual = ContentHash.Of(content, digest.Algorithm);
            if (actual == digest)
                return Read(content);
            defect = BlobPass.WrongDigest(key, digest, actual);
        }
        catch (StoreException e) when (AuditRun.IsUnreadable(e))
        {
            defect = BlobPass.Unreadable(key, digest, e);
        }

        if (blob.MarkBad())
            await run.ReportAsync(defect, default, null, cancellationToken);
        return null;
    }

    private static ManifestFacts Read(byte[] content)
    {
        if (!ManifestDocument.TryParse(content, out var document, out var reason))
            return new ManifestFacts([], reason);
        return new ManifestFacts([.. document.Children.Select(child => new ManifestReference(child, isManifest: true)), .. document.Blobs.Select(blob => new ManifestReference(blob, isManifest: false))]);
    }
}
