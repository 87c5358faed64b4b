namespace RegistryMigration.Model;

/// <summary>Something in a store that keeps an image from being served.</summary>
/// <param name="Kind">What is wrong.</param>
/// <param name="Key">The key concerned.</param>
/// <param name="Message">What it means and what to do about it.</param>
/// <param name="Digest">The digest concerned, as text; null where there is none.</param>
/// <param name="Repository">The repository concerned.</param>
/// <param name="Tag">The tag concerned.</param>
/// <param name="Origin">Where the defect came from, as far as it is known.</param>
public sealed record StoreDefect(
    DefectKind Kind,
    string Key,
    string Message,
    string? Digest = null,
    string? Repository = null,
    string? Tag = null,
    DefectOrigin Origin = DefectOrigin.Unknown);

/// <summary>The kinds of defect.</summary>
public enum DefectKind
{
    /// <summary>A blob's bytes do not hash to its name.</summary>
    WrongDigest,

    /// <summary>A blob is shorter or longer than a manifest says.</summary>
    WrongSize,

    /// <summary>A blob that something refers to is not there.</summary>
    MissingBlob,

    /// <summary>A repository lacks the link to a blob that one of its manifests needs.</summary>
    MissingLayerLink,

    /// <summary>A tag or index points at a manifest that the repository does not have.</summary>
    MissingManifest,

    /// <summary>A tag has no current link.</summary>
    MissingTagTarget,

    /// <summary>A link's content is no digest.</summary>
    BrokenLink,

    /// <summary>A link's content is another digest than its key's.</summary>
    ForeignLink,

    /// <summary>A manifest can't be read as JSON of a known kind.</summary>
    BrokenManifest,

    /// <summary>A large object whose segments are gone: it reads as zero bytes.</summary>
    EmptyLargeObject,

    /// <summary>The store lists an object and can't give it.</summary>
    Unreadable,

    /// <summary>A tag points at another manifest than at the source.</summary>
    StaleTag,

    /// <summary>A name in the store that can't be a key (no UTF-8, a link out of the root, an unsafe segment).</summary>
    UnusableName,
}

/// <summary>Where a defect came from.</summary>
public enum DefectOrigin
{
    /// <summary>Not compared with a source, or (names that can't be keys) not comparable.</summary>
    Unknown,

    /// <summary>The source has the same defect.</summary>
    BrokenAtSource,

    /// <summary>The source is sound, and was so when the target was last written: the copy broke it, or never made it.</summary>
    BrokenByCopy,

    /// <summary>
    /// The source has changed since the copy: what the defect is about is gone there, or was written there after the newest entry that
    /// the target has among its blobs and in the repository concerned. Another sync brings the target up to date.
    /// </summary>
    Drift,
}
