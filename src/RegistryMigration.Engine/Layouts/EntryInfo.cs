using RegistryMigration.Model;

namespace RegistryMigration.Engine.Layouts;

/// <summary>What a key means.</summary>
/// <remarks>
/// Made for every key of both listings, most of which need nothing but their kind: it remembers where in the key the parts lie, and
/// makes texts of them when asked. Ask once where the answer is used twice.
/// </remarks>
public readonly record struct EntryInfo
{
    private readonly string? _key;
    private readonly Range _hex;
    private readonly Range _repository;
    private readonly Range _tag;

    /// <summary>An entry whose key names nothing.</summary>
    public EntryInfo(EntryKind kind) => Kind = kind;

    internal EntryInfo(EntryKind kind, string key, Range hex = default, Range repository = default, Range tag = default)
    {
        Kind = kind;
        _key = key;
        _hex = hex;
        _repository = repository;
        _tag = tag;
    }

    /// <summary>The kind of entry.</summary>
    public EntryKind Kind { get; }

    /// <summary>The digest that the key names; default where it names none.</summary>
    public Digest Digest => Digest.TryCreate(Hex.Length == 128 ? "sha512" : "sha256", Hex.ToString(), out var digest) ? digest : default;

    /// <summary>The repository of a link or upload.</summary>
    public string? Repository => RepositoryName.IsEmpty ? null : RepositoryName.ToString();

    /// <summary>The tag of a tag link.</summary>
    public string? Tag => Part(_tag) is { IsEmpty: false } tag ? tag.ToString() : null;

    /// <summary>Whether the entry is a link whose content follows from its key.</summary>
    public bool IsDerivedLink => Kind is EntryKind.LayerLink or EntryKind.RevisionLink or EntryKind.TagIndexLink;

    /// <summary>Whether a sync copies entries of this kind.</summary>
    public bool IsContent => Kind <= EntryKind.File;

    /// <summary>The hex digits of <see cref="Digest"/>; empty where there is none. Their number tells the algorithm.</summary>
    internal ReadOnlySpan<char> Hex => Part(_hex);

    /// <summary>The name of <see cref="Repository"/>; empty where there is none.</summary>
    internal ReadOnlySpan<char> RepositoryName => Part(_repository);

    private ReadOnlySpan<char> Part(Range range) => _key.AsSpan()[range];
}
