namespace RegistryMigration.Model;

/// <summary>What came of pulling one image, every byte hashed and nothing kept.</summary>
public sealed record PullResult
{
    /// <summary>What was asked for.</summary>
    public required ImageReference Reference { get; init; }

    /// <summary>The registry, as an address without secrets.</summary>
    public required string Registry { get; init; }

    /// <summary>The digest of the manifest or index that was served; null where none was.</summary>
    public Digest? Digest { get; init; }

    /// <summary>Manifests that were served whole and match their digest, the index included.</summary>
    public int Manifests { get; init; }

    /// <summary>Distinct blobs of the image that are proven: configs and layers.</summary>
    public int Blobs { get; init; }

    /// <summary>
    /// Those of <see cref="Blobs"/> whose bytes another image of the same run was hashed with; here it was only asked whether this
    /// repository serves them.
    /// </summary>
    public int SharedBlobs { get; init; }

    /// <summary>Layers that live elsewhere by design (foreign, non-distributable): not asked for.</summary>
    public int ForeignLayers { get; init; }

    /// <summary>Manifests of the index that were left out because they are for another platform than the chosen one.</summary>
    public int OtherPlatforms { get; init; }

    /// <summary>Bytes of manifests and blobs received for this image; shared blobs count where they were hashed.</summary>
    public long Bytes { get; init; }

    /// <summary>Time from the first request to the last byte.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Everything was served and hashes to its digest.</summary>
    public bool Ok => Failures.Count == 0;

    /// <summary>What is missing or wrong; empty when all is well.</summary>
    public IReadOnlyList<PullFailure> Failures { get; init; } = [];
}

/// <summary>One part of an image that was not served as its digest says.</summary>
/// <param name="Part">Which part of the image.</param>
/// <param name="Repository">The repository that was asked.</param>
/// <param name="Digest">The part's digest; null for a tag that leads nowhere.</param>
/// <param name="Kind">What went wrong.</param>
/// <param name="Message">The same in words, with the registry's own error code.</param>
public sealed record PullFailure(ImagePart Part, string Repository, Digest? Digest, StoreErrorKind Kind, string Message);

/// <summary>The parts an image is made of.</summary>
public enum ImagePart
{
    /// <summary>The manifest or index that was asked for.</summary>
    Manifest,

    /// <summary>A manifest that an index names.</summary>
    ChildManifest,

    /// <summary>An image's configuration.</summary>
    Config,

    /// <summary>A layer.</summary>
    Layer,
}
