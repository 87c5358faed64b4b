using System.Text;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Audit;

/// <summary>What the source is asked about a defect, beyond its key.</summary>
/// <param name="Referrer">The entry that needs what is missing.</param>
/// <param name="ReferrerContent">What that entry has to say for the need to hold at the source as well; null for anything.</param>
/// <param name="Size">The right size of a blob whose size is wrong.</param>
/// <param name="Content">What a link says.</param>
internal readonly record struct Evidence(string? Referrer = null, string? ReferrerContent = null, long Size = 0, string? Content = null);

/// <summary>Asks the source about a defect of the target: two or three requests for each, none for what is sound.</summary>
/// <remarks>
/// Missing at both: the source's defect while what needs it is still there, else drift. Wrong at both: the source's defect. Sound at the
/// source: drift where it was written after everything the target has, else the copy's doing. Gone from the source: drift. Times come
/// from two servers; where their clocks differ, drift and broken by copy may be mistaken for each other, and either way another sync is
/// the cure.
/// </remarks>
internal sealed class OriginFinder(StoreProbe source, bool deep)
{
    private const int MaxLinkBytes = 256;

    public async Task<DefectOrigin> FindAsync(StoreDefect defect, Evidence evidence, DateTimeOffset? newestAtTarget, CancellationToken cancellationToken)
    {
        if (defect.Kind == DefectKind.UnusableName)
            return DefectOrigin.Unknown;
        if (await source.StatAsync(defect.Key, cancellationToken) is not { } entry)
            return await HasReferrerAsync(evidence, cancellationToken) ? DefectOrigin.BrokenAtSource : DefectOrigin.Drift;
        if (await HasSameFaultAsync(defect, entry, evidence, cancellationToken))
            return DefectOrigin.BrokenAtSource;
        return IsNewer(entry.LastModified, newestAtTarget) ? DefectOrigin.Drift : DefectOrigin.BrokenByCopy;
    }

    public static bool IsNewer(DateTimeOffset? writtenAtSource, DateTimeOffset? newestAtTarget) =>
        writtenAtSource is { } source && newestAtTarget is { } target && source > target;

    private async Task<bool> HasReferrerAsync(Evidence evidence, CancellationToken cancellationToken)
    {
        if (evidence.Referrer is not { } key)
            return false;
        if (evidence.ReferrerContent is not { } content)
            return await source.StatAsync(key, cancellationToken) is not null;
        return await ReadTextAsync(key, cancellationToken) == content;
    }

    private async Task<bool> HasSameFaultAsync(StoreDefect defect, StoreEntry entry, Evidence evidence, CancellationToken cancellationToken) => defect.Kind switch
    {
        // A pass leaves out what is broken. To tell costs a read of the whole blob, which only a deep audit may spend.
        DefectKind.MissingBlob when deep => !await IsSoundAsync(defect, entry, cancellationToken),
        DefectKind.WrongDigest or DefectKind.EmptyLargeObject or DefectKind.Unreadable => !await IsSoundAsync(defect, entry, cancellationToken),
        DefectKind.WrongSize => entry.Size != evidence.Size,
        // The target's bytes hash to their name, so whatever the source has under it is no better.
        DefectKind.BrokenManifest => true,
        DefectKind.BrokenLink or DefectKind.ForeignLink => await ReadTextAsync(defect.Key, cancellationToken) == evidence.Content,
        _ => false,
    };

    private async Task<bool> IsSoundAsync(StoreDefect defect, StoreEntry entry, CancellationToken cancellationToken)
    {
        var named = source.Store.Layout.Classify(defect.Key) is { Kind: EntryKind.Blob } info ? info.Digest : default;
        try
        {
            return named == default
                ? await source.ReadAsync(defect.Key, MaxLinkBytes, cancellationToken) is not null
                : await source.HashAsync(defect.Key, entry.Size, named, _ => { }, cancellationToken) == named;
        }
        catch (StoreException e) when (AuditRun.IsUnreadable(e))
        {
            return false;
        }
    }

    private async Task<string?> ReadTextAsync(string key, CancellationToken cancellationToken) =>
        await source.ReadAsync(key, MaxLinkBytes, cancellationToken) is { } content ? Encoding.UTF8.GetString(content) : null;
}
