using System.Text.Json;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Registries.Manifests;

/// <summary>A manifest or index as it was served, with what it refers to.</summary>
public sealed class ImageManifest
{
    private static readonly string[] PlatformParts = ["os", "architecture", "variant"];

    private ImageManifest(Digest digest, string mediaType, ReadOnlyMemory<byte> content)
    {
        Digest = digest;
        MediaType = mediaType;
        Content = content;
    }

    /// <summary>The digest of <see cref="Content"/>.</summary>
    public Digest Digest { get; }

    /// <summary>Its type: what the document says, else what the registry says.</summary>
    public string MediaType { get; }

    /// <summary>The bytes as served.</summary>
    public ReadOnlyMemory<byte> Content { get; }

    /// <summary>Whether it names other manifests.</summary>
    public bool IsIndex => MediaTypes.IsIndex(MediaType);

    /// <summary>The manifests of an index; empty for an image.</summary>
    public IReadOnlyList<Descriptor> Children { get; private init; } = [];

    /// <summary>The configuration; null for an index.</summary>
    public Descriptor? Config { get; private init; }

    /// <summary>The layers, or an artifact's blobs, in order; empty for an index.</summary>
    public IReadOnlyList<Descriptor> Layers { get; private init; } = [];

    /// <summary>The manifest that this one is about (signatures, SBOMs); null for most.</summary>
    public Descriptor? Subject { get; private init; }

    /// <summary>Reads a document.</summary>
    /// <param name="content">The bytes as served.</param>
    /// <param name="digest">Their digest.</param>
    /// <param name="contentType">The Content-Type, for documents that don't name their type; may be null.</param>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.Integrity"/>: it is no manifest; <see cref="StoreErrorKind.Unsupported"/>: it is one of schema 1.</exception>
    public static ImageManifest Parse(ReadOnlyMemory<byte> content, Digest digest, string? contentType)
    {
        try
        {
            using var document = JsonDocument.Parse(content);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
                throw new FormatException("it is no JSON object");
            if (root.TryGetProperty("schemaVersion", out var schema) && schema.ValueKind == JsonValueKind.Number && schema.GetInt32() == 1)
                throw new StoreException(StoreErrorKind.Unsupported, $"{digest} is a manifest of the retired schema 1. Pull and push the image again with a current client to convert it.");
            return new ImageManifest(digest, TypeOf(root, contentType), content)
            {
                Children = List(root, "manifests"),
                Config = root.TryGetProperty("config", out var config) ? Read(config) : null,
                Layers = List(root, "layers"),
                Subject = root.TryGetProperty("subject", out var subject) && subject.ValueKind == JsonValueKind.Object ? Read(subject) : null,
            };
        }
        catch (Exception e) when (e is JsonException or FormatException or KeyNotFoundException or InvalidOperationException)
        {
            throw new StoreException(StoreErrorKind.Integrity, $"{digest} is not a manifest: {e.Message}. Push the image again, or restore it from another copy.", e);
        }
    }

    // OCI documents may leave mediaType out; then the Content-Type, then the shape tells.
    private static string TypeOf(JsonElement root, string? contentType)
    {
        if (root.TryGetProperty("mediaType", out var given) && given.GetString() is { Length: > 0 } type)
            return type;
        if (contentType is not null && (MediaTypes.IsIndex(contentType) || MediaTypes.IsImage(contentType)))
            return contentType;
        if (root.TryGetProperty("manifests", out _))
            return MediaTypes.OciIndex;
        return root.TryGetProperty("config", out _) ? MediaTypes.OciManifest : throw new FormatException("it names neither manifests nor a config");
    }

    private static IReadOnlyList<Descriptor> List(JsonElement root, string name) =>
        root.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array ? [.. list.EnumerateArray().Select(Read)] : [];

    private static Descriptor Read(JsonElement element) =>
        new(element.TryGetProperty("mediaType", out var type) ? type.GetString() ?? "" : "", Digest.Parse(element.GetProperty("digest").GetString() ?? ""), element.GetProperty("size").GetInt64())
        {
            Urls = element.TryGetProperty("urls", out var urls) && urls.ValueKind == JsonValueKind.Array ? [.. urls.EnumerateArray().Select(u => u.GetString() ?? "")] : [],
            Platform = element.TryGetProperty("platform", out var platform) && platform.ValueKind == JsonValueKind.Object ? PlatformOf(platform) : null,
        };

    private static string PlatformOf(JsonElement platform)
    {
        var parts = PlatformParts.Select(name => platform.TryGetProperty(name, out var part) ? part.GetString() : null);
        return string.Join('/', parts.Where(part => !string.IsNullOrEmpty(part)));
    }
}
