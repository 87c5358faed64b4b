using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using RegistryMigration.Engine.Manifests;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Registries.Proofs;

/// <summary>A small image that no registry has seen before, so that none of its parts can be answered from what is there.</summary>
internal sealed record ProbeImage(ReadOnlyMemory<byte> Config, ReadOnlyMemory<byte> Layer, ReadOnlyMemory<byte> Manifest)
{
    private const string DockerConfig = "application/vnd.docker.container.image.v1+json";
    private const string DockerLayer = "application/vnd.docker.image.rootfs.diff.tar.gzip";

    /// <summary>The manifest's digest.</summary>
    public Digest Digest => Digest.OfSha256(Manifest.Span);

    /// <summary>Random hex for names and content.</summary>
    public static string NewId() => Convert.ToHexString(RandomNumberGenerator.GetBytes(8)).ToLowerInvariant();

    /// <summary>An image of one layer with one file; schema 2, which every registry takes.</summary>
    public static ProbeImage Create(string id, DateTimeOffset now)
    {
        var tar = Tar(id, now);
        var layer = Compress(tar);
        var config = JsonSerializer.SerializeToUtf8Bytes(new
        {
            created = now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            architecture = "amd64",
            os = "linux",
            config = new { Labels = new Dictionary<string, string> { ["org.opencontainers.image.title"] = "RegistryMigration write probe " + id } },
            rootfs = new { type = "layers", diff_ids = new[] { Digest.OfSha256(tar).ToString() } },
        });
        var manifest = JsonSerializer.SerializeToUtf8Bytes(new
        {
            schemaVersion = 2,
            mediaType = MediaTypes.DockerManifest,
            config = Describe(DockerConfig, config),
            layers = new[] { Describe(DockerLayer, layer) },
        });
        return new ProbeImage(config, layer, manifest);
    }

    private static object Describe(string mediaType, byte[] content) => new { mediaType, size = content.Length, digest = Digest.OfSha256(content).ToString() };

    private static byte[] Tar(string id, DateTimeOffset now)
    {
        using var buffer = new MemoryStream();
        using (var tar = new System.Formats.Tar.TarWriter(buffer, System.Formats.Tar.TarEntryFormat.Pax, leaveOpen: true))
        {
            using var text = new MemoryStream(Encoding.ASCII.GetBytes(id));
            tar.WriteEntry(new System.Formats.Tar.PaxTarEntry(System.Formats.Tar.TarEntryType.RegularFile, "registrymigration-probe") { DataStream = text, ModificationTime = now });
        }

        return buffer.ToArray();
    }

    private static byte[] Compress(byte[] tar)
    {
        using var buffer = new MemoryStream();
        using (var gzip = new GZipStream(buffer, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(tar);
        return buffer.ToArray();
    }
}
