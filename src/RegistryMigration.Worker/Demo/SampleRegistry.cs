using System.Buffers.Binary;
using System.Formats.Tar;
using System.Text;
using RegistryMigration.Engine.Layouts;
using RegistryMigration.Model;

namespace RegistryMigration.Worker.Demo;

/// <summary>Writes a registry's directory as docker-registry would: the same options give the same bytes, and every digest is true.</summary>
/// <remarks>
/// Schema 2 images and OCI images take turns by repository; a base layer is shared across repositories; the first two repositories have
/// a manifest list and an OCI index; <c>latest</c> has moved through all images of its repository; one upload was never finished.
/// Layers are plain tar files, so that a layer's digest is its diff id as well.
/// </remarks>
public sealed class SampleRegistry
{
    private const string DockerPrefix = "application/vnd.docker.distribution.manifest";
    private const string OciPrefix = "application/vnd.oci.image";

    private static readonly string[] Names =
    [
        "base/debian", "base/alpine", "platform/gateway", "platform/gateway-ui", "platform/audit", "platform/audit/reports",
        "shop/cart", "shop/orders", "shop/payments", "data/import", "data/export", "data/model",
    ];

    private readonly string _root;
    private readonly SampleOptions _options;
    private readonly HashSet<Digest> _written = [];
    private int _tags;
    private int _manifests;
    private long _bytes;

    private SampleRegistry(string directory, SampleOptions options)
    {
        _root = Path.Combine(directory, "docker", "registry", "v2");
        _options = options;
    }

    /// <summary>Writes the registry below <c>docker/registry/v2</c> in a directory.</summary>
    public static async Task<SampleSummary> WriteAsync(string directory, SampleOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var sample = new SampleRegistry(directory, options);
        var bases = new List<Descriptor>();
        for (var i = 0; i < 3; i++)
            bases.Add(await sample.LayerAsync($"base-{i}", 2 << 20 >> i, cancellationToken));
        for (var i = 0; i < options.Repositories; i++)
            await sample.RepositoryAsync(i, bases[i % bases.Count], cancellationToken);
        await sample.UploadAsync(cancellationToken);
        return new SampleSummary(options.Repositories, sample._tags, sample._manifests, sample._written.Count, sample._bytes);
    }

    /// <summary>The name of a repository by its number.</summary>
    public static string NameOf(int repository) => repository < Names.Length ? Names[repository] : $"more/app{repository}";

    private async Task RepositoryAsync(int number, Descriptor baseLayer, CancellationToken cancellationToken)
    {
        var (repository, oci) = (NameOf(number), number % 2 == 1);
        var images = new List<Descriptor>();
        for (var i = 0; i < _options.ImagesPerRepository; i++)
        {
            var layers = new List<Descriptor> { baseLayer, await LayerAsync($"{repository}-{i}", (64 + (16 * i)) << 10, cancellationToken) };
            if (number == _options.Repositories - 1 && i == 0)
                layers.Add(await LayerAsync("large", _options.LargeLayerBytes, cancellationToken));
            var image = await ImageAsync(repository, i, oci, layers, cancellationToken);
            images.Add(image);
            await TagAsync(repository, $"1.{i}", [image], cancellationToken);
        }

        await TagAsync(repository, "latest", images, cancellationToken);
        if (number < 2)
            await TagAsync(repository, "multi", [await IndexAsync(repository, oci, images, cancellationToken)], cancellationToken);
    }

    private async Task<Descriptor> ImageAsync(string repository, int number, bool oci, List<Descriptor> layers, CancellationToken cancellationToken)
    {
        var configuration = await BlobAsync(Encoding.UTF8.GetBytes($$$"""
            {"architecture":"{{{Architecture(number)}}}","os":"linux","created":"2024-01-01T00:00:0{{{number % 10}}}Z","config":{"Labels":{"title":"{{{repository}}} {{{number}}} · größe"}},"rootfs":{"type":"layers","diff_ids":[{{{string.Join(',', layers.Select(layer => $"\"{layer.Digest}\""))}}}]}}
            """), cancellationToken);
        foreach (var blob in layers.Prepend(configuration))
            await LinkAsync(DistributionLayout.LayerLinkKey(repository, blob.Digest), blob.Digest, cancellationToken);
        var layerType = oci ? $"{OciPrefix}.layer.v1.tar" : "application/vnd.docker.image.rootfs.diff.tar";
        return await ManifestAsync(repository, oci ? $"{OciPrefix}.manifest.v1+json" : $"{DockerPrefix}.v2+json", type => $$"""
            {"schemaVersion":2,"mediaType":"{{type}}","config":{{Describe(oci ? $"{OciPrefix}.config.v1+json" : "application/vnd.docker.container.image.v1+json", configuration)}},"layers":[{{string.Join(',', layers.Select(layer => Describe(layerType, layer)))}}]}
            """, cancellationToken);
    }

    private Task<Descriptor> IndexAsync(string repository, bool oci, List<Descriptor> images, CancellationToken cancellationToken)
    {
        var imageType = oci ? $"{OciPrefix}.manifest.v1+json" : $"{DockerPrefix}.v2+json";
        var entries = images.Take(2).Select((image, i) => Describe(imageType, image, $$""","platform":{"architecture":"{{Architecture(i)}}","os":"linux"}"""));
        return ManifestAsync(repository, oci ? $"{OciPrefix}.index.v1+json" : $"{DockerPrefix}.list.v2+json", type => $$"""
            {"schemaVersion":2,"mediaType":"{{type}}","manifests":[{{string.Join(',', entries)}}]}
            """, cancellationToken);
    }

    private async Task<Descriptor> ManifestAsync(string repository, string mediaType, Func<string, string> json, CancellationToken cancellationToken)
    {
        var manifest = await BlobAsync(Encoding.UTF8.GetBytes(json(mediaType)), cancellationToken);
        await LinkAsync(DistributionLayout.RevisionLinkKey(repository, manifest.Digest), manifest.Digest, cancellationToken);
        _manifests++;
        return manifest;
    }

    // A tag's index keeps every manifest that it has pointed at.
    private async Task TagAsync(string repository, string tag, List<Descriptor> history, CancellationToken cancellationToken)
    {
        foreach (var manifest in history)
            await LinkAsync(DistributionLayout.TagIndexLinkKey(repository, tag, manifest.Digest), manifest.Digest, cancellationToken);
        await LinkAsync(DistributionLayout.TagCurrentLinkKey(repository, tag), history[^1].Digest, cancellationToken);
        _tags++;
    }

    private async Task UploadAsync(CancellationToken cancellationToken)
    {
        var upload = $"repositories/{NameOf(0)}/_uploads/1b4f1c1e-0d5a-4f6c-9d2f-6a0c9f6f5b11";
        var data = Noise("upload", 96 << 10);
        await FileAsync($"{upload}/data", data, cancellationToken);
        await FileAsync($"{upload}/startedat", "2024-01-01T00:00:00Z"u8.ToArray(), cancellationToken);
        await FileAsync($"{upload}/hashstates/sha256/{data.Length}", Noise("hash state", 108), cancellationToken);
    }

    private async Task<Descriptor> LayerAsync(string name, int bytes, CancellationToken cancellationToken)
    {
        using var layer = new MemoryStream(bytes + 4096);
        await using (var tar = new TarWriter(layer, TarEntryFormat.Ustar, leaveOpen: true))
        {
            var entry = new UstarTarEntry(TarEntryType.RegularFile, "data.bin") { ModificationTime = DateTimeOffset.UnixEpoch, DataStream = new MemoryStream(Noise(name, bytes)) };
            await tar.WriteEntryAsync(entry, cancellationToken);
        }

        return await BlobAsync(layer.ToArray(), cancellationToken);
    }

    private async Task<Descriptor> BlobAsync(byte[] content, CancellationToken cancellationToken)
    {
        var digest = Digest.OfSha256(content);
        if (_written.Add(digest))
        {
            await FileAsync(DistributionLayout.Instance.BlobKey(digest), content, cancellationToken);
            _bytes += content.Length;
        }

        return new Descriptor(digest, content.Length);
    }

    private Task LinkAsync(string key, Digest digest, CancellationToken cancellationToken) =>
        FileAsync(key, Encoding.ASCII.GetBytes(digest.ToString()), cancellationToken);

    private async Task FileAsync(string key, byte[] content, CancellationToken cancellationToken)
    {
        var path = Path.Combine(_root, key);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllBytesAsync(path, content, cancellationToken);
    }

    // SplitMix64 (Steele, Lea, Flood 2014): incompressible, and the same on every machine, which no library promises of its generator.
    private byte[] Noise(string name, int bytes)
    {
        Span<byte> seed = stackalloc byte[32];
        System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes($"{_options.Seed}/{name}"), seed);
        var state = BinaryPrimitives.ReadUInt64LittleEndian(seed);
        var noise = new byte[(bytes + 7) & ~7];
        for (var at = 0; at < noise.Length; at += 8)
        {
            state += 0x9E3779B97F4A7C15;
            var z = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            BinaryPrimitives.WriteUInt64LittleEndian(noise.AsSpan(at), z ^ (z >> 31));
        }

        return noise.Length == bytes ? noise : noise[..bytes];
    }

    private static string Architecture(int number) => number % 2 == 0 ? "amd64" : "arm64";

    private static string Describe(string mediaType, Descriptor blob, string more = "") =>
        $$"""{"mediaType":"{{mediaType}}","digest":"{{blob.Digest}}","size":{{blob.Size}}{{more}}}""";

    private readonly record struct Descriptor(Digest Digest, long Size);
}
