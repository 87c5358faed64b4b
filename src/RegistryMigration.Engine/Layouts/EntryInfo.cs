using RegistryMigration.Model;

namespace RegistryMigration.Engine.Layouts;

/// <summary>What a key means.</summary>
/// <param name="Kind">The kind of entry.</param>
/// <param name="Digest">The digest that the key names; default where it names none.</param>
/// <param name="Repository">The repository of a link or upload.</param>
/// <param name="Tag">The tag of a tag link.</param>
public readonly record struct EntryInfo(EntryKind Kind, Digest Digest = default, string? Repository = null, string? Tag = null)
{
    /// <summary>Whether the entry is a link whose content follows from its key.</summary>
    public bool IsDerivedLink => Kind is EntryKind.LayerLink or EntryKind.RevisionLink or EntryKind.TagIndexLink;

    /// <summary>Whether a sync copies entries of this kind.</summary>
    public bool IsContent => Kind <= EntryKind.File;
}
