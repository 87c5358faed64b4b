using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Registries.Images;

/// <summary>Bytes with the type that a descriptor gives them.</summary>
internal sealed record Part(string MediaType, byte[] Content)
{
    public Digest Digest { get; } = Digest.OfSha256(Content);

    public JsonObject Descriptor => new() { ["mediaType"] = MediaType, ["digest"] = Digest.ToString(), ["size"] = Content.Length };
}

/// <summary>A layer: a gzip of a tar with one file of incompressible bytes, as real ones mostly are.</summary>
internal static class Parts
{
    public const string DockerConfig = "application/vnd.docker.container.image.v1+json";
    public const string DockerLayer = "application/vnd.docker.image.rootfs.diff.tar.gzip";
    public const string DockerForeignLayer = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";
    public const string OciConfig = "application/vnd.oci.image.config.v1+json";
    public const string OciLayer = "application/vnd.oci.image.layer.v1.tar+gzip";
    public const string OciTar = "application/vnd.oci.image.layer.v1.tar";
    public const string OciEmpty = "application/vnd.oci.empty.v1+json";

    // Annotations are meant to lie in the files as UTF-8 and not as \u escapes.
    private static readonly JsonSerializerOptions Utf8 = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Part Layer(string mediaType, string name, int seed, int bytes)
    {
        var content = new byte[bytes];
#pragma warning disable CA5394 // The same bytes every time are wanted.
        new Random(seed).NextBytes(content);
#pragma warning restore CA5394
        using var buffer = new MemoryStream();
        using (var gzip = new GZipStream(buffer, CompressionLevel.NoCompression, leaveOpen: true))
        using (var tar = new TarWriter(gzip, TarEntryFormat.Ustar))
            tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content), ModificationTime = DateTimeOffset.UnixEpoch });
        return new Part(mediaType, buffer.ToArray());
    }

    public static Part Config(string mediaType, string architecture, IEnumerable<Part> layers, string? label = null) => Json(mediaType, new JsonObject
    {
        ["created"] = "2024-01-01T00:00:00Z",
        ["architecture"] = architecture,
        ["os"] = "linux",
        ["config"] = label is null ? new JsonObject() : new JsonObject { ["Labels"] = new JsonObject { ["org.opencontainers.image.description"] = label } },
        ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray([.. layers.Select(DiffId)]) },
    });

    public static Part Json(string mediaType, JsonNode document) => new(mediaType, Encoding.UTF8.GetBytes(document.ToJsonString(Utf8)));

    public static Part Manifest(string mediaType, JsonObject config, IEnumerable<JsonObject> layers, Action<JsonObject>? more = null)
    {
        var document = new JsonObject { ["schemaVersion"] = 2, ["mediaType"] = mediaType, ["config"] = config, ["layers"] = new JsonArray([.. layers]) };
        more?.Invoke(document);
        return Json(mediaType, document);
    }

    public static Part Index(string mediaType, params (Part Manifest, string Architecture)[] manifests) => Json(mediaType, new JsonObject
    {
        ["schemaVersion"] = 2,
        ["mediaType"] = mediaType,
        ["manifests"] = new JsonArray([.. manifests.Select(entry =>
        {
            var descriptor = entry.Manifest.Descriptor;
            descriptor["platform"] = new JsonObject { ["os"] = "linux", ["architecture"] = entry.Architecture };
            return descriptor;
        })]),
    });

    private static JsonNode DiffId(Part layer)
    {
        if (!layer.MediaType.EndsWith("gzip", StringComparison.Ordinal))
            return layer.Digest.ToString();
        using var gzip = new GZipStream(new MemoryStream(layer.Content), CompressionMode.Decompress);
        return Digest.FromHash("sha256", System.Security.Cryptography.SHA256.HashData(gzip)).ToString();
    }
}
