using System.Text.Json.Nodes;
using RegistryMigration.Engine.Manifests;
using RegistryMigration.Engine.Registries;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Model;
using static RegistryMigration.Engine.Tests.Registries.Images.Parts;

namespace RegistryMigration.Engine.Tests.Registries.Images;

/// <summary>Pushes one image of every shape that a migration meets, through the registry's own API.</summary>
public sealed class SampleImages
{
    private const string Annotation = "Prüfung · 検証 · 🧪 “ok”";
    private readonly RegistryClient _client;
    private readonly SampleOptions _options;
    private readonly CancellationToken _cancellation;
    private int _seed;

    private SampleImages(RegistryClient client, SampleOptions options, CancellationToken cancellation)
    {
        _client = client;
        _options = options;
        _cancellation = cancellation;
        _seed = options.Seed * 1000;
    }

    /// <summary>Pushes all of them and tells what a pull must find.</summary>
    public static async Task<SampleSet> PushAllAsync(RegistryClient client, SampleOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        var samples = new SampleImages(client, options, cancellation);
        var schema2 = samples.Layer(DockerLayer);
        var oci = samples.Layer(OciLayer);
        var images = new List<SampleImage>
        {
            await samples.Schema2Async(schema2),
            await samples.LargeAsync(),
            await samples.MountedAsync(schema2),
            await samples.PlatformsAsync("OCI index", "index", MediaTypes.OciIndex, MediaTypes.OciManifest, OciConfig, OciLayer),
            await samples.PlatformsAsync("manifest list", "list", MediaTypes.DockerManifestList, MediaTypes.DockerManifest, DockerConfig, DockerLayer),
        };
        images.AddRange(await samples.AnnotatedWithReferrerAsync(oci));
        if (options.EmptyLayer)
            images.Add(await samples.EmptyLayerAsync());
        if (options.ForeignLayer)
            images.Add(await samples.ForeignAsync());
        return new SampleSet(images);
    }

    private Part Layer(string mediaType, int? bytes = null) => Parts.Layer(mediaType, $"file-{++_seed}", _seed, bytes ?? _options.LayerBytes);

    private string Repository(string name) => $"{_options.Prefix}/{name}";

    private async Task<SampleImage> Schema2Async(Part layer)
    {
        Part[] layers = [layer, Layer(DockerLayer)];
        var config = Config(DockerConfig, "amd64", layers);
        var manifest = Manifest(MediaTypes.DockerManifest, config.Descriptor, layers.Select(l => l.Descriptor));
        return await PushAsync("schema 2, several tags", Repository("schema2"), manifest, [config, .. layers], "1.0", "1", "latest");
    }

    private async Task<SampleImage> LargeAsync()
    {
        Part[] layers = [Layer(OciLayer, _options.LargeBlobBytes)];
        var config = Config(OciConfig, "amd64", layers);
        var manifest = Manifest(MediaTypes.OciManifest, config.Descriptor, layers.Select(l => l.Descriptor));
        return await PushAsync("large blob", Repository("large"), manifest, [config, .. layers], "1");
    }

    private async Task<SampleImage> EmptyLayerAsync()
    {
        Part[] layers = [Layer(OciLayer), new Part(OciTar, [])];
        var config = Config(OciConfig, "amd64", layers);
        var manifest = Manifest(MediaTypes.OciManifest, config.Descriptor, layers.Select(l => l.Descriptor));
        return await PushAsync("0-byte layer", Repository("empty-layer"), manifest, [config, .. layers], "1");
    }

    // The first layer is linked from the schema 2 image's repository; its bytes are not sent again.
    private async Task<SampleImage> MountedAsync(Part shared)
    {
        var repository = Repository("team/mounted");
        Assert.True(await _client.MountBlobAsync(repository, shared.Digest, Repository("schema2"), _cancellation), "the registry does not mount blobs");
        var own = Layer(DockerLayer);
        var config = Config(DockerConfig, "amd64", [shared, own]);
        var manifest = Manifest(MediaTypes.DockerManifest, config.Descriptor, [shared.Descriptor, own.Descriptor]);
        var image = await PushAsync("mounted from another repository", repository, manifest, [config, own], "1");
        return image with { Blobs = image.Blobs.Append(shared.Digest).ToHashSet() };
    }

    private async Task<SampleImage> PlatformsAsync(string what, string name, string indexType, string manifestType, string configType, string layerType)
    {
        var repository = Repository(name);
        var shared = Layer(layerType);
        var children = new List<(Part Manifest, string Architecture)>();
        var manifests = new HashSet<Digest>();
        var blobs = new HashSet<Digest>();
        foreach (var architecture in new[] { "amd64", "arm64" })
        {
            Part[] layers = [shared, Layer(layerType)];
            var config = Config(configType, architecture, layers);
            var manifest = Manifest(manifestType, config.Descriptor, layers.Select(l => l.Descriptor));
            var child = await PushAsync(what, repository, manifest, [config, .. layers]);
            children.Add((manifest, architecture));
            manifests.UnionWith(child.Manifests);
            blobs.UnionWith(child.Blobs);
        }

        var index = await PushAsync(what, repository, Index(indexType, [.. children]), [], "1");
        return index with { Manifests = manifests.Append(index.Digest).ToHashSet(), Blobs = blobs };
    }

    private async Task<IReadOnlyList<SampleImage>> AnnotatedWithReferrerAsync(Part layer)
    {
        var repository = Repository("annotated");
        var config = Config(OciConfig, "amd64", [layer], Annotation);
        var manifest = Manifest(MediaTypes.OciManifest, config.Descriptor, [layer.Descriptor],
            document => document["annotations"] = new JsonObject { ["org.opencontainers.image.title"] = Annotation });
        var image = await PushAsync("annotations in UTF-8", repository, manifest, [config, layer], "1");

        var empty = new Part(OciEmpty, "{}"u8.ToArray());
        var statement = Json("application/vnd.example.statement+json", new JsonObject { ["about"] = image.Digest.ToString() });
        var referrer = Manifest(MediaTypes.OciManifest, empty.Descriptor, [statement.Descriptor], document =>
        {
            document["artifactType"] = "application/vnd.example.statement";
            document["subject"] = manifest.Descriptor;
        });
        return [image, await PushAsync("referrer with subject", repository, referrer, [empty, statement])];
    }

    private async Task<SampleImage> ForeignAsync()
    {
        var own = Layer(DockerLayer);
        var foreign = Layer(DockerForeignLayer);
        var config = Config(DockerConfig, "amd64", [own, foreign]);
        var descriptor = foreign.Descriptor;
        descriptor["urls"] = new JsonArray($"https://layers.example.com/{foreign.Digest.Hex}");
        var manifest = Manifest(MediaTypes.DockerManifest, config.Descriptor, [own.Descriptor, descriptor]);
        return await PushAsync("foreign layer", Repository("foreign"), manifest, [config, own], "1") with { ForeignLayers = 1 };
    }

    // Without tags the manifest is put under its digest.
    private async Task<SampleImage> PushAsync(string what, string repository, Part manifest, IReadOnlyList<Part> blobs, params string[] tags)
    {
        foreach (var blob in blobs.DistinctBy(b => b.Digest))
            await _client.UploadBlobAsync(repository, new StoreContent(blob.Content) { Sha256 = blob.Digest }, null, _cancellation);
        ImageReference[] references = tags.Length == 0
            ? [ImageReference.ByDigest(repository, manifest.Digest)]
            : [.. tags.Select(tag => ImageReference.ByTag(repository, tag))];
        foreach (var reference in references)
            await _client.PutManifestAsync(reference, manifest.MediaType, manifest.Content, _cancellation);
        return new SampleImage(what, references, manifest.Digest, new HashSet<Digest> { manifest.Digest }, blobs.Select(b => b.Digest).ToHashSet());
    }
}
