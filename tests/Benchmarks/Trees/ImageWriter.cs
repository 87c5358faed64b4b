using System.Globalization;
using System.Text.Json;

namespace RegistryMigration.Benchmarks.Trees;

/// <summary>Writes images as docker-registry stores them after a push: configuration, manifest, and the links of the repository.</summary>
internal sealed class ImageWriter(TreeWriter writer, DeterministicRandom random)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, IndentSize = 3 };

    /// <summary>Writes an image of layers that are there, and returns its manifest's digest.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="layers">Its layers.</param>
    /// <param name="oci">An OCI image instead of a Docker image.</param>
    public string Write(string repository, IReadOnlyList<Layer> layers, bool oci)
    {
        var configuration = Configuration(layers);
        var digest = writer.WriteBlob(configuration);
        var manifest = writer.WriteBlob(Manifest(configuration.Length, digest, layers, oci));
        foreach (var blob in layers.Select(layer => layer.Digest).Append(digest))
            writer.WriteLink($"repositories/{repository}/_layers/sha256/{blob}/link", blob);
        writer.WriteLink($"repositories/{repository}/_manifests/revisions/sha256/{manifest}/link", manifest);
        writer.MakeDirectory($"repositories/{repository}/_uploads");
        return manifest;
    }

    /// <summary>Lets a tag point at a manifest of its repository.</summary>
    public void WriteTag(Tag tag, string manifest)
    {
        writer.WriteLink(TreeWriter.CurrentLinkOf(tag), manifest);
        writer.WriteLink($"repositories/{tag.Repository}/_manifests/tags/{tag.Name}/index/sha256/{manifest}/link", manifest);
    }

    // Of some hundred bytes to some KiB, as configurations are.
    private byte[] Configuration(IReadOnlyList<Layer> layers) => JsonSerializer.SerializeToUtf8Bytes(new
    {
        architecture = "amd64",
        os = "linux",
        created = "2024-01-01T00:00:00Z",
        config = new
        {
            Env = Enumerable.Repeat("X=" + Hex(2), random.Between(2, 60)),
            Labels = Enumerable.Range(0, random.Between(0, 80)).ToDictionary(number => string.Create(CultureInfo.InvariantCulture, $"l{number}"), _ => Hex(3)),
        },
        rootfs = new { type = "layers", diff_ids = layers.Select(layer => "sha256:" + layer.Digest) },
    });

    private static byte[] Manifest(long configurationSize, string configuration, IReadOnlyList<Layer> layers, bool oci) => JsonSerializer.SerializeToUtf8Bytes(
        new
        {
            schemaVersion = 2,
            mediaType = oci ? "application/vnd.oci.image.manifest.v1+json" : "application/vnd.docker.distribution.manifest.v2+json",
            config = new
            {
                mediaType = oci ? "application/vnd.oci.image.config.v1+json" : "application/vnd.docker.container.image.v1+json",
                size = configurationSize,
                digest = "sha256:" + configuration,
            },
            layers = layers.Select(layer => new
            {
                mediaType = oci ? "application/vnd.oci.image.layer.v1.tar+gzip" : "application/vnd.docker.image.rootfs.diff.tar.gzip",
                size = layer.Size,
                digest = "sha256:" + layer.Digest,
            }),
        },
        Indented);

    private string Hex(int words) => string.Concat(Enumerable.Range(0, words).Select(_ => random.Next().ToString("x16", CultureInfo.InvariantCulture)));
}
