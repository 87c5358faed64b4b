namespace RegistryMigration.Engine.Manifests;

/// <summary>The shapes of a manifest, whatever its media type is called.</summary>
public enum ManifestKind
{
    /// <summary>A config and layers: Docker schema 2, OCI image manifest, OCI artifact.</summary>
    Image,

    /// <summary>A list of other manifests: Docker manifest list, OCI index.</summary>
    Index,

    /// <summary>Docker schema 1, signed or not: layers without sizes or media types, no config.</summary>
    Schema1,
}
