namespace RegistryMigration.Engine.Registries.Manifests;

/// <summary>The media types that registries know manifests and layers by.</summary>
/// <remarks>distribution docs/spec/manifest-v2-2.md; OCI image-spec, media-types.md.</remarks>
public static class MediaTypes
{
    /// <summary>Docker image manifest, version 2 schema 2.</summary>
    public const string DockerManifest = "application/vnd.docker.distribution.manifest.v2+json";

    /// <summary>Docker manifest list.</summary>
    public const string DockerManifestList = "application/vnd.docker.distribution.manifest.list.v2+json";

    /// <summary>OCI image manifest.</summary>
    public const string OciManifest = "application/vnd.oci.image.manifest.v1+json";

    /// <summary>OCI image index.</summary>
    public const string OciIndex = "application/vnd.oci.image.index.v1+json";

    /// <summary>Docker image configuration.</summary>
    public const string DockerConfig = "application/vnd.docker.container.image.v1+json";

    /// <summary>OCI image configuration.</summary>
    public const string OciConfig = "application/vnd.oci.image.config.v1+json";

    /// <summary>Docker layer, gzip.</summary>
    public const string DockerLayer = "application/vnd.docker.image.rootfs.diff.tar.gzip";

    /// <summary>Docker layer that lives outside of registries (Windows base layers).</summary>
    public const string DockerForeignLayer = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";

    /// <summary>OCI layer, gzip.</summary>
    public const string OciLayer = "application/vnd.oci.image.layer.v1.tar+gzip";

    /// <summary>The OCI empty JSON object, the config of artifacts.</summary>
    public const string OciEmpty = "application/vnd.oci.empty.v1+json";

    /// <summary>The Accept header that makes a registry serve every manifest as it was pushed; without it an old registry converts to schema 1.</summary>
    internal const string AcceptManifests = $"{OciIndex}, {DockerManifestList}, {OciManifest}, {DockerManifest}";

    /// <summary>Whether a manifest of this type names other manifests.</summary>
    public static bool IsIndex(string mediaType) => mediaType is DockerManifestList or OciIndex;

    /// <summary>Whether a manifest of this type names config and layers.</summary>
    public static bool IsImage(string mediaType) => mediaType is DockerManifest or OciManifest;

    /// <summary>Whether a layer of this type is meant not to be in a registry.</summary>
    public static bool IsForeignLayer(string mediaType)
    {
        ArgumentNullException.ThrowIfNull(mediaType);
        return mediaType.Contains(".nondistributable.", StringComparison.Ordinal) || mediaType.Contains(".foreign.", StringComparison.Ordinal);
    }
}
