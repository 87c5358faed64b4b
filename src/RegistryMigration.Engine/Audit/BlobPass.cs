using System.Globalization;
using RegistryMigration.Engine.Content;
using RegistryMigration.Engine.Listing;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Audit;

/// <summary>Lists all blobs once into the table, looks at those whose size the listing can't tell, and hashes them when asked.</summary>
internal sealed class BlobPass(AuditRun run)
{
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var listing = run.Probe.Listing(Party.Target, run.ReportRejected);
        var shards = new List<(string Prefix, BlobTable.Shard Shard)>();
        foreach (var prefix in run.Layout.BlobPrefixes)
        {
            // sha512 is nowhere in most stores: one request instead of sixteen.
            if ((await listing.PrefixesAsync(prefix, cancellationToken)).Count == 0)
                continue;
            var algorithm = prefix.Contains("sha512", StringComparison.Ordinal) ? "sha512" : "sha256";
            shards.AddRange(Enumerable.Range(0, 16).Select(digit => (prefix + digit.ToString("x", CultureInfo.InvariantCulture), run.Blobs.ShardOf(algorithm, digit))));
        }

        await Parallel.ForEachAsync(shards, run.Parallel(cancellationToken), async (shard, token) => await ListAsync(listing, shard.Prefix, shard.Shard, token));
    }

    private async Task ListAsync(StoreListing listing, string prefix, BlobTable.Shard shard, CancellationToken cancellationToken)
    {
        var open = new List<(StoreEntry Entry, Digest Digest, BlobSlot Slot)>();
        await foreach (var page in listing.ReadAsync(prefix, cancellationToken))
        {
            open.Clear();
            Take(page.Span, shard, open);
            if (open.Count > 0)
                await Parallel.ForEachAsync(open, run.Parallel(cancellationToken), async (blob, token) => await CheckAsync(blob.Entry, blob.Digest, blob.Slot, token));
        }
    }

    private void Take(ReadOnlySpan<StoreEntry> page, BlobTable.Shard shard, List<(StoreEntry, Digest, BlobSlot)> open)
    {
        long count = 0, bytes = 0;
        DateTimeOffset? newest = null;
        foreach (ref readonly var entry in page)
        {
            var info = run.Layout.Classify(entry.Key);
            if (info.Kind != EntryKind.Blob)
                continue;
            var digest = info.Digest;
            var slot = shard.Add(BlobId.Of(digest), Math.Max(0, entry.Size));
            count++;
            bytes += slot.Size;
            newest = AuditRun.Newest(newest, entry.LastModified);
            if (run.Options.Deep || entry.Size < 0 || entry.Size == 0 && !ContentHash.IsOfNothing(digest))
                open.Add((entry, digest, slot));
        }

        run.NoteBlobs(newest);
        run.Log.Add(AuditCount.BlobBytes, bytes);
        run.Log.Add(AuditCount.Blobs, count);
    }

    private async Task CheckAsync(StoreEntry entry, Digest digest, BlobSlot slot, CancellationToken cancellationToken)
    {
        var size = entry.Size;
        if (size < 0)
        {
            if (await run.Probe.StatAsync(entry.Key, cancellationToken) is not { } found)
            {
                Forget(slot);
                return;
            }

            size = found.Size;
            slot.SetSize(size);
            run.Log.Add(AuditCount.BlobBytes, size);
        }

        if (size == 0 && !ContentHash.IsOfNothing(digest))
            await ReportEmptyAsync(entry, digest, slot, cancellationToken);
        else if (run.Options.Deep)
            await HashAsync(entry.Key, size, digest, slot, cancellationToken);
    }

    private async Task ReportEmptyAsync(StoreEntry entry, Digest digest, BlobSlot slot, CancellationToken cancellationToken)
    {
        slot.MarkBad();
        var defect = entry.Size < 0
            ? new StoreDefect(DefectKind.EmptyLargeObject, entry.Key, $"Blob {digest} is a large object whose segments are gone: it reads as zero bytes. Copy it again from its source, or push its image again.", digest.ToString())
            : new StoreDefect(DefectKind.WrongDigest, entry.Key, $"Blob {digest} is empty. Copy it again from its source, or push its image again.", digest.ToString());
        await run.ReportAsync(defect, default, null, cancellationToken);
    }

    private async Task HashAsync(string key, long size, Digest digest, BlobSlot slot, CancellationToken cancellationToken)
    {
        StoreDefect defect;
        try
        {
            var actual = await run.Probe.HashAsync(key, size, digest, read => run.Log.Add(AuditCount.HashedBytes, read), cancellationToken);
            if (actual is null)
                Forget(slot);
            if (actual is null || actual == digest)
                return;
            defect = WrongDigest(key, digest, actual.Value);
        }
        catch (StoreException e) when (AuditRun.IsUnreadable(e))
        {
            defect = Unreadable(key, digest, e);
        }

        slot.MarkBad();
        await run.ReportAsync(defect, default, null, cancellationToken);
    }

    /// <summary>The defect of a blob whose bytes are others than its name says.</summary>
    public static StoreDefect WrongDigest(string key, Digest named, Digest actual) =>
        new(DefectKind.WrongDigest, key, $"The blob named {named} holds content with digest {actual}. Copy it again from its source, or push its image again.", named.ToString());

    /// <summary>The defect of an object that can't be read.</summary>
    public static StoreDefect Unreadable(string key, Digest? named, StoreException failure) =>
        new(DefectKind.Unreadable, key, $"The store lists '{key}' and can't give it: {failure.Message}", named?.ToString());

    // Deleted between its listing and its check, as a live registry may.
    private void Forget(BlobSlot slot)
    {
        slot.MarkGone();
        run.Log.Add(AuditCount.BlobBytes, -slot.Size);
        run.Log.Add(AuditCount.Blobs, -1);
    }
}
