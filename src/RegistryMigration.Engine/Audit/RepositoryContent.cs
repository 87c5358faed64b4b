using RegistryMigration.Model;

namespace RegistryMigration.Engine.Audit;

/// <summary>The links of one repository.</summary>
internal sealed class RepositoryContent(string name)
{
    private readonly HashSet<BlobId> _layers = [];
    private readonly HashSet<BlobId> _revisions = [];
    private Dictionary<Digest, Digest>? _aliases;

    public string Name => name;

    /// <summary>Manifests, in key order, with the time of their link.</summary>
    public List<(Digest Digest, DateTimeOffset? WrittenAt)> Revisions { get; } = [];

    /// <summary>Tags, in key order.</summary>
    public List<TagLinks> Tags { get; } = [];

    /// <summary>When the newest link was written, where the store tells.</summary>
    public DateTimeOffset? NewestAt { get; set; }

    /// <summary>Layer links.</summary>
    public IReadOnlyCollection<BlobId> Layers => _layers;

    public bool IsEmpty => _layers.Count == 0 && Revisions.Count == 0 && Tags.Count == 0;

    public void AddLayer(Digest digest) => _layers.Add(BlobId.Of(digest));

    public void AddRevision(Digest digest, DateTimeOffset? writtenAt)
    {
        if (_revisions.Add(BlobId.Of(digest)))
            Revisions.Add((digest, writtenAt));
    }

    public bool HasLayer(BlobId id) => _layers.Contains(id);

    public bool HasRevision(BlobId id) => _revisions.Contains(id);

    /// <summary>Remembers that the link of one digest leads to the same content under another algorithm.</summary>
    /// <remarks>As distribution writes it when content is pushed by sha512: the blob lies under sha256 (linkedblobstore.go, linkBlob).</remarks>
    public void AddAlias(Digest digest, Digest canonical)
    {
        lock (_layers)
            (_aliases ??= [])[digest] = canonical;
    }

    /// <summary>Whether the link of a digest leads to another one.</summary>
    public bool IsAlias(BlobId id) => _aliases?.Keys.Any(digest => BlobId.Of(digest) == id) == true;

    /// <summary>The digest under which content lies.</summary>
    public Digest Resolve(Digest digest) => _aliases is not null && _aliases.TryGetValue(digest, out var canonical) ? canonical : digest;
}

/// <summary>The links of one tag.</summary>
internal sealed class TagLinks(string name)
{
    public string Name => name;

    /// <summary>The link that says where the tag points; null where it is missing.</summary>
    public StoreEntry? Current { get; set; }

    /// <summary>What the tag has pointed at.</summary>
    public List<Digest> History { get; } = [];
}
