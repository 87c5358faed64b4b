using System.Text;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Engine.Sync.Planning;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Sync.Transfer;

/// <summary>Copies links: from their key where a listing proves what they say, as they are where they say something else.</summary>
internal sealed class LinkCopier(SyncRun run)
{
    // A link is a digest; whatever is larger is no link and is not worth reading whole.
    private const int MaxLinkBytes = 4096;

    public async ValueTask<CopyOutcome> CopyAsync(CopyItem item, CancellationToken cancellationToken)
    {
        // A manifest's own blob may have been listed though a layer, pushed before it, was not.
        if (run.LinkTargets.MayNeedDeferred(item))
            return new CopyOutcome(CopyOutcomeKind.Deferred);
        if (item.Info.IsDerivedLink && !await run.LinkTargets.IsBlobReadyAsync(item, cancellationToken))
            return new CopyOutcome(CopyOutcomeKind.Deferred);
        if (item.Info.IsDerivedLink && item.Source.Md5 is { } md5 && md5 == SamenessRule.LinkMd5(item.Info.Digest))
            return await WriteAsync(item, SamenessRule.LinkContent(item.Info.Digest), null, cancellationToken);

        var content = await ReadAsync(item, cancellationToken);
        var defect = Examine(item, content, out var says);
        if (item.Info.Kind == EntryKind.TagCurrentLink && says is { } revision && !await run.LinkTargets.IsRevisionReadyAsync(item, revision, cancellationToken))
            return new CopyOutcome(CopyOutcomeKind.Deferred);
        return await WriteAsync(item, content, defect, cancellationToken);
    }

    private static StoreDefect? Examine(CopyItem item, byte[] content, out Digest? says)
    {
        says = Digest.TryParse(Encoding.ASCII.GetString(content).Trim(), out var digest) ? digest : null;
        if (says is null)
            return Broken(DefectKind.BrokenLink, "The link's content is no digest. It was copied as it is; push the image again to repair it.");
        if (item.Info.IsDerivedLink && digest != item.Info.Digest)
            return Broken(DefectKind.ForeignLink, $"The link says {digest}, its key says {item.Info.Digest}. It was copied as it is; push the image again to repair it.");
        return null;

        StoreDefect Broken(DefectKind kind, string message) =>
            new(kind, item.Key, message, item.Info.Digest.ToString(), item.Info.Repository, item.Info.Tag, DefectOrigin.BrokenAtSource);
    }

    private async ValueTask<byte[]> ReadAsync(CopyItem item, CancellationToken cancellationToken)
    {
        var size = item.Source.Size >= 0 ? item.Source.Size : await run.Comparer.SizeAsync(run.Source, item.Key, Party.Source, cancellationToken);
        if (size > MaxLinkBytes)
            throw new StoreException(StoreErrorKind.Other, $"The link '{item.Key}' has {size} bytes; links have 71 or 135. Look at it at the source and remove it if no registry wrote it.") { Key = item.Key, Party = Party.Source };
        var content = new byte[size];
        await using var source = new SourceStream(run.Source, item.Key, size, run.Reading);
        await source.ReadExactlyAsync(content, cancellationToken);
        return content;
    }

    private async ValueTask<CopyOutcome> WriteAsync(CopyItem item, byte[] bytes, StoreDefect? defect, CancellationToken cancellationToken)
    {
        // Links are not content-addressed, but a server that checks digests may as well check this one.
        var content = new StoreContent(bytes) { Sha256 = Digest.OfSha256(bytes), IfAbsent = !item.Replaces && item.Info.IsDerivedLink, Taken = item.Taken };
        var outcome = await run.Retry.ExecuteAsync(run.Target.Store.Traffic, async token => await run.Target.Store.WriteAsync(item.Key, content, token), cancellationToken);
        return new CopyOutcome(outcome == WriteOutcome.Written ? CopyOutcomeKind.Copied : CopyOutcomeKind.AlreadyPresent, bytes.Length, Defect: defect);
    }
}
