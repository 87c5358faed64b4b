using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace RegistryMigration.Engine.Manifests;

/// <summary>A manifest of any family, reduced to what it refers to.</summary>
/// <remarks>
/// The body decides what it is, as in distribution: the media type of a stored manifest is only in its body, and OCI lets it be left
/// out there. A body that is image and index at once is refused (CVE-2021-41190).
/// </remarks>
public sealed record ManifestDocument
{
    /// <summary>The largest manifest, in bytes: what distribution accepts (registry/handlers/manifests.go, maxManifestBodySize).</summary>
    public const int MaxBytes = 4 << 20;

    /// <summary>What shape it has.</summary>
    public required ManifestKind Kind { get; init; }

    /// <summary>The media type in the body, or the one that its shape implies.</summary>
    public required string MediaType { get; init; }

    /// <summary>The config of an image; null for an index, schema 1 and old artifact manifests.</summary>
    public ManifestDescriptor? Config { get; init; }

    /// <summary>The layers of an image, in order; one may be named more than once.</summary>
    public IReadOnlyList<ManifestDescriptor> Layers { get; init; } = [];

    /// <summary>The entries of an index: mostly manifests, but a BuildKit cache lists layers and its config here.</summary>
    public IReadOnlyList<ManifestDescriptor> Entries { get; init; } = [];

    /// <summary>The manifest that this one is about (a signature, an SBOM); it need not exist.</summary>
    public ManifestDescriptor? Subject { get; init; }

    /// <summary>What an OCI 1.1 artifact says that it is; null elsewhere.</summary>
    public string? ArtifactType { get; init; }

    /// <summary>Everything that is to be fetched as a blob, in order: config, layers, and index entries that are no manifests.</summary>
    public IEnumerable<ManifestDescriptor> Blobs
    {
        get
        {
            if (Config is not null)
                yield return Config;
            foreach (var layer in Layers)
                yield return layer;
            foreach (var entry in Entries)
            {
                if (!entry.IsManifest)
                    yield return entry;
            }
        }
    }

    /// <summary>Everything that is to be fetched as a manifest: index entries of a manifest's media type. The subject is not among them.</summary>
    public IEnumerable<ManifestDescriptor> Children => Entries.Where(entry => entry.IsManifest);

    /// <summary>Reads a manifest.</summary>
    /// <exception cref="ManifestFormatException">The bytes are no manifest of a known kind, or more than <see cref="MaxBytes"/>.</exception>
    public static ManifestDocument Parse(ReadOnlyMemory<byte> content)
    {
        if (content.Length > MaxBytes)
            throw new ManifestFormatException($"it has {content.Length} bytes, and registries take no manifest above {MaxBytes}");
        try
        {
            using var json = JsonDocument.Parse(content);
            return ManifestReader.Read(json.RootElement);
        }
        catch (JsonException e)
        {
            throw new ManifestFormatException($"it is not JSON (line {e.LineNumber + 1})", e);
        }
    }

    /// <summary>Reads a manifest; false with the reason where the bytes are none.</summary>
    public static bool TryParse(ReadOnlyMemory<byte> content, [NotNullWhen(true)] out ManifestDocument? document, [NotNullWhen(false)] out string? reason)
    {
        try
        {
            (document, reason) = (Parse(content), null);
            return true;
        }
        catch (ManifestFormatException e)
        {
            (document, reason) = (null, e.Message);
            return false;
        }
    }
}
