namespace RegistryMigration.Model;

/// <summary>What an entry of a store means to the registry.</summary>
public enum EntryKind
{
    /// <summary>Content under its digest: layers, configs, manifests.</summary>
    Blob,

    /// <summary>Says that a repository may serve a blob.</summary>
    LayerLink,

    /// <summary>Says that a repository has a manifest (or, of old, a signature of one).</summary>
    RevisionLink,

    /// <summary>Says that a tag has pointed at a manifest.</summary>
    TagIndexLink,

    /// <summary>Says where a tag points now; the only link that changes.</summary>
    TagCurrentLink,

    /// <summary>Something else worth keeping that is not content-addressed (Quay's logs and user files): compared by content.</summary>
    File,

    /// <summary>An upload in progress: no image needs it.</summary>
    Upload,

    /// <summary>A segment of a large object: read through its manifest, never copied by itself.</summary>
    Segment,

    /// <summary>Nothing that this layout knows; left alone and counted.</summary>
    Unknown,
}
