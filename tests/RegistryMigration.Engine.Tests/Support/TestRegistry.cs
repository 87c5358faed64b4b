using System.Text;
using RegistryMigration.Engine.Layouts;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Support;

/// <summary>Puts images into a memory store as a registry would.</summary>
internal sealed class TestRegistry(MemoryStore store)
{
    public MemoryStore Store => store;

    /// <summary>Adds a blob.</summary>
    public Digest Blob(byte[] content)
    {
        var digest = Digest.OfSha256(content);
        store.Put(DistributionLayout.Instance.BlobKey(digest), content);
        return digest;
    }

    public Digest Blob(string content) => Blob(Encoding.UTF8.GetBytes(content));

    /// <summary>Adds an image: config, layers, manifest, links and, where named, a tag.</summary>
    public Digest Image(string repository, string? tag, params string[] layers) => Image(repository, tag, null, layers);

    /// <summary>Adds an image about another one.</summary>
    public Digest Image(string repository, string? tag, Digest? subject, params string[] layers)
    {
        var config = Layer(repository, Blob($"{{\"config\":\"{string.Join('+', layers)}\"}}"));
        var content = layers.Select(layer => (Digest: Layer(repository, Blob(layer)), Size: Encoding.UTF8.GetByteCount(layer)));
        var about = subject is { } digest ? $$""","subject":{"mediaType":"application/vnd.oci.image.manifest.v1+json","size":1,"digest":"{{digest}}"}""" : "";
        var manifest = $$"""
            {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",
             "config":{"mediaType":"application/vnd.oci.image.config.v1+json","size":{{store.Get(DistributionLayout.Instance.BlobKey(config))!.Length}},"digest":"{{config}}"},
             "layers":[{{string.Join(',', content.Select(layer => $$"""{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","size":{{layer.Size}},"digest":"{{layer.Digest}}"}"""))}}]{{about}}}
            """;
        return Manifest(repository, tag, manifest);
    }

    /// <summary>Adds an index over manifests.</summary>
    public Digest Index(string repository, string? tag, params Digest[] manifests) => Manifest(repository, tag, $$"""
        {"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json",
         "manifests":[{{string.Join(',', manifests.Select(manifest => $$"""{"mediaType":"application/vnd.oci.image.manifest.v1+json","size":{{store.Get(DistributionLayout.Instance.BlobKey(manifest))!.Length}},"digest":"{{manifest}}"}"""))}}]}
        """);

    public Digest Manifest(string repository, string? tag, string content)
    {
        var digest = Blob(content);
        Link(DistributionLayout.RevisionLinkKey(repository, digest), digest);
        if (tag is not null)
            Tag(repository, tag, digest);
        return digest;
    }

    public void Tag(string repository, string tag, Digest digest, DateTimeOffset? written = null)
    {
        Link(DistributionLayout.TagIndexLinkKey(repository, tag, digest), digest, written);
        Link(DistributionLayout.TagCurrentLinkKey(repository, tag), digest, written);
    }

    public Digest Layer(string repository, Digest digest)
    {
        Link(DistributionLayout.LayerLinkKey(repository, digest), digest);
        return digest;
    }

    public void Link(string key, Digest digest, DateTimeOffset? written = null) => store.Put(key, Encoding.ASCII.GetBytes(digest.ToString()), written);
}
