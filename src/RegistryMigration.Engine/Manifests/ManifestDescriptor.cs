using RegistryMigration.Model;

namespace RegistryMigration.Engine.Manifests;

/// <summary>What a manifest says about something that it refers to.</summary>
/// <remarks>Source: OCI image-spec, descriptor.md.</remarks>
public sealed record ManifestDescriptor
{
    /// <summary>The size of a schema 1 layer, which its manifest does not tell.</summary>
    public const long UnknownSize = StoreEntry.UnknownSize;

    /// <summary>The media type; empty where the manifest names none.</summary>
    public string MediaType { get; init; } = "";

    /// <summary>The digest.</summary>
    public required Digest Digest { get; init; }

    /// <summary>Bytes, or <see cref="UnknownSize"/>.</summary>
    public long Size { get; init; } = UnknownSize;

    /// <summary>Where else the content can be had.</summary>
    public IReadOnlyList<string> Urls { get; init; } = [];

    /// <summary>The platform of an index entry; null where it names none.</summary>
    public ManifestPlatform? Platform { get; init; }

    /// <summary>Whether the content is kept elsewhere by design, so that its absence is no defect.</summary>
    public bool IsForeign => Urls.Count > 0 || MediaTypes.IsForeign(MediaType);

    /// <summary>Whether the media type is that of a manifest.</summary>
    public bool IsManifest => MediaTypes.IsManifest(MediaType);
}

/// <summary>The platform that an image runs on.</summary>
/// <param name="Os">The operating system, as Go names it.</param>
/// <param name="Architecture">The CPU architecture, as Go names it.</param>
/// <param name="Variant">The CPU variant; null where none is named.</param>
/// <param name="OsVersion">The version of the operating system; null where none is named.</param>
public sealed record ManifestPlatform(string Os, string Architecture, string? Variant = null, string? OsVersion = null)
{
    /// <summary><c>os/architecture</c> or <c>os/architecture/variant</c>.</summary>
    public override string ToString() => Variant is null ? $"{Os}/{Architecture}" : $"{Os}/{Architecture}/{Variant}";
}
