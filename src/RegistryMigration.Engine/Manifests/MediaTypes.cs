namespace RegistryMigration.Engine.Manifests;

/// <summary>Media types of manifests, and what can be told from a media type.</summary>
/// <remarks>Sources: OCI image-spec, media-types.md; distribution, docs/spec/manifest-v2-2.md and manifest-v2-1.md.</remarks>
internal static class MediaTypes
{
    /// <summary>Docker image manifest, schema 2.</summary>
    public const string DockerManifest = "application/vnd.docker.distribution.manifest.v2+json";

    /// <summary>Docker manifest list.</summary>
    public const string DockerManifestList = "application/vnd.docker.distribution.manifest.list.v2+json";

    /// <summary>Docker manifest, schema 1, unsigned.</summary>
    public const string DockerSchema1 = "application/vnd.docker.distribution.manifest.v1+json";

    /// <summary>Docker manifest, schema 1, signed.</summary>
    public const string DockerSchema1Signed = "application/vnd.docker.distribution.manifest.v1+prettyjws";

    /// <summary>OCI image manifest.</summary>
    public const string OciManifest = "application/vnd.oci.image.manifest.v1+json";

    /// <summary>OCI image index.</summary>
    public const string OciIndex = "application/vnd.oci.image.index.v1+json";

    /// <summary>The artifact manifest of the OCI 1.1 release candidates; written by early ORAS and Notation.</summary>
    public const string OciArtifact = "application/vnd.oci.artifact.manifest.v1+json";

    /// <summary>All of the above, in the order in which a client best accepts them.</summary>
    public static IReadOnlyList<string> Manifests { get; } = [OciIndex, DockerManifestList, OciManifest, DockerManifest, OciArtifact, DockerSchema1Signed, DockerSchema1];

    /// <summary>Whether a descriptor of this type points at a manifest.</summary>
    public static bool IsManifest(string mediaType) => Manifests.Contains(mediaType);

    /// <summary>Whether content of this type is kept elsewhere by design: Docker's foreign and OCI's non-distributable layers.</summary>
    public static bool IsForeign(string mediaType)
    {
        ArgumentNullException.ThrowIfNull(mediaType);
        return mediaType.Contains(".foreign.", StringComparison.Ordinal) || mediaType.Contains(".nondistributable.", StringComparison.Ordinal);
    }
}
