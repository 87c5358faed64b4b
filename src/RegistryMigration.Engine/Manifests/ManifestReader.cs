using System.Text.Json;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Manifests;

/// <summary>Tells the kind of a manifest from its JSON, and reads its descriptors.</summary>
internal static class ManifestReader
{
    public static ManifestDocument Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
            throw new ManifestFormatException("it is JSON, but no object");
        var mediaType = Text(root, "mediaType");
        var config = Object(root, "config") is { } found ? Descriptor(found, "config") : null;
        var layers = Array(root, "layers");
        var entries = Array(root, "manifests");
        var fsLayers = Array(root, "fsLayers");
        var blobs = mediaType == MediaTypes.OciArtifact ? Array(root, "blobs") : null;
        if (entries is not null && (config is not null || layers is not null || fsLayers is not null))
            throw new ManifestFormatException("it is an index and an image at once");
        var kind = KindOf(mediaType, isIndex: entries is not null, isImage: config is not null || layers is not null, isSchema1: fsLayers is not null);
        if (kind == ManifestKind.Image && mediaType != MediaTypes.OciArtifact && config is null)
            throw new ManifestFormatException("it is an image without config");
        return new ManifestDocument
        {
            Kind = kind,
            MediaType = mediaType ?? Implied(root, kind),
            Config = config,
            Layers = fsLayers is { } old ? Schema1Layers(old) : Descriptors(layers ?? blobs, layers is null ? "blobs" : "layers"),
            Entries = Descriptors(entries, "manifests"),
            Subject = Object(root, "subject") is { } subject ? Descriptor(subject, "subject") : null,
            ArtifactType = Text(root, "artifactType"),
        };
    }

    // The media type where there is one, else the shape; they have to agree.
    private static ManifestKind KindOf(string? mediaType, bool isIndex, bool isImage, bool isSchema1)
    {
        ManifestKind? shape = isIndex ? ManifestKind.Index : isImage ? ManifestKind.Image : isSchema1 ? ManifestKind.Schema1 : null;
        ManifestKind? named = mediaType switch
        {
            null => shape,
            MediaTypes.OciIndex or MediaTypes.DockerManifestList => ManifestKind.Index,
            MediaTypes.OciManifest or MediaTypes.DockerManifest or MediaTypes.OciArtifact => ManifestKind.Image,
            MediaTypes.DockerSchema1 or MediaTypes.DockerSchema1Signed => ManifestKind.Schema1,
            _ => throw new ManifestFormatException($"its media type '{mediaType}' is that of no known manifest"),
        };
        if (shape is not null && shape != named)
            throw new ManifestFormatException($"its media type '{mediaType}' does not fit its content");
        return named ?? throw new ManifestFormatException("it has neither layers nor manifests");
    }

    private static string Implied(JsonElement root, ManifestKind kind) => kind switch
    {
        ManifestKind.Index => MediaTypes.OciIndex,
        ManifestKind.Image => MediaTypes.OciManifest,
        _ => root.TryGetProperty("signatures", out _) ? MediaTypes.DockerSchema1Signed : MediaTypes.DockerSchema1,
    };

    private static ManifestDescriptor[] Schema1Layers(JsonElement array)
    {
        var layers = new ManifestDescriptor[array.GetArrayLength()];
        for (var i = 0; i < layers.Length; i++)
            layers[i] = new ManifestDescriptor { Digest = DigestOf(AsObject(array[i], "fsLayers"), "blobSum") };
        return layers;
    }

    private static ManifestDescriptor[] Descriptors(JsonElement? array, string name)
    {
        if (array is not { } elements)
            return [];
        var descriptors = new ManifestDescriptor[elements.GetArrayLength()];
        for (var i = 0; i < descriptors.Length; i++)
            descriptors[i] = Descriptor(AsObject(elements[i], name), name);
        return descriptors;
    }

    private static ManifestDescriptor Descriptor(JsonElement element, string name)
    {
        if (!element.TryGetProperty("size", out var size) || size.ValueKind != JsonValueKind.Number || !size.TryGetInt64(out var bytes) || bytes < 0)
            throw new ManifestFormatException($"a descriptor in '{name}' has no size");
        return new ManifestDescriptor
        {
            MediaType = Text(element, "mediaType") ?? "",
            Digest = DigestOf(element, "digest"),
            Size = bytes,
            Urls = Array(element, "urls") is { } urls ? [.. urls.EnumerateArray().Where(url => url.ValueKind == JsonValueKind.String).Select(url => url.GetString()!)] : [],
            Platform = Object(element, "platform") is { } platform ? Platform(platform) : null,
        };
    }

    private static ManifestPlatform Platform(JsonElement element) =>
        new(Text(element, "os") ?? "unknown", Text(element, "architecture") ?? "unknown", Text(element, "variant"), Text(element, "os.version"));

    private static Digest DigestOf(JsonElement element, string name)
    {
        var text = Text(element, name) ?? throw new ManifestFormatException($"a descriptor has no '{name}'");
        return Digest.TryParse(text, out var digest) ? digest : throw new ManifestFormatException($"'{Shorten(text)}' is no sha256 or sha512 digest");
    }

    // Go's encoders write null for what is absent: null counts as absent everywhere.
    private static JsonElement? Find(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static string? Text(JsonElement element, string name) => Find(element, name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } value => value.GetString() is { Length: > 0 } text ? text : null,
        _ => throw new ManifestFormatException($"'{name}' is no string"),
    };

    private static JsonElement? Object(JsonElement element, string name) => Find(element, name) is { } value ? AsObject(value, name) : null;

    private static JsonElement AsObject(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object ? element : throw new ManifestFormatException($"'{name}' holds no object");

    private static JsonElement? Array(JsonElement element, string name) => Find(element, name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Array } value => value,
        _ => throw new ManifestFormatException($"'{name}' is no array"),
    };

    private static string Shorten(string text) => text.Length <= 80 ? text : string.Concat(text.AsSpan(0, 80), "…");
}
