using System.Text;
using RegistryMigration.Engine.Manifests;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Manifests;

public sealed class ManifestDocumentTests
{
    private static readonly string A = Digest.OfSha256("a"u8).ToString();
    private static readonly string B = Digest.OfSha256("b"u8).ToString();
    private static readonly string C = Digest.OfSha256("c"u8).ToString();

    private static ManifestDocument Parse(string json) => ManifestDocument.Parse(Encoding.UTF8.GetBytes(json));

    private static string D(string digest, string mediaType = "x/y", long size = 5, string more = "") =>
        $$"""{"mediaType":"{{mediaType}}","digest":"{{digest}}","size":{{size}}{{more}}}""";

    [Theory]
    [InlineData(MediaTypes.DockerManifest)]
    [InlineData(MediaTypes.OciManifest)]
    [InlineData(null)]
    public void Reads_an_image_of_either_family(string? mediaType)
    {
        var type = mediaType is null ? "" : $"\"mediaType\":\"{mediaType}\",";
        var document = Parse($$"""{"schemaVersion":2,{{type}}"config":{{D(A, "application/vnd.oci.image.config.v1+json", 7)}},"layers":[{{D(B)}},{{D(C, size: 0)}},{{D(B)}}]}""");

        Assert.Equal(ManifestKind.Image, document.Kind);
        Assert.Equal(mediaType ?? MediaTypes.OciManifest, document.MediaType);
        Assert.Equal((A, 7L, "application/vnd.oci.image.config.v1+json"), (document.Config!.Digest.ToString(), document.Config.Size, document.Config.MediaType));
        Assert.Equal([A, B, C, B], document.Blobs.Select(d => d.Digest.ToString()));
        Assert.Equal(0, document.Layers[1].Size);
        Assert.Empty(document.Children);
        Assert.Null(document.Subject);
    }

    [Theory]
    [InlineData(MediaTypes.DockerManifestList)]
    [InlineData(MediaTypes.OciIndex)]
    [InlineData(null)]
    public void Reads_an_index_of_either_family(string? mediaType)
    {
        var type = mediaType is null ? "" : $"\"mediaType\":\"{mediaType}\",";
        const string platform = ""","platform":{"os":"linux","architecture":"arm64","variant":"v8"}""";
        var document = Parse($$"""{"schemaVersion":2,{{type}}"manifests":[{{D(A, MediaTypes.DockerManifest, more: platform)}},{{D(B, MediaTypes.OciIndex)}}]}""");

        Assert.Equal(ManifestKind.Index, document.Kind);
        Assert.Equal(mediaType ?? MediaTypes.OciIndex, document.MediaType);
        Assert.Equal([A, B], document.Children.Select(d => d.Digest.ToString()));
        Assert.Equal("linux/arm64/v8", document.Entries[0].Platform!.ToString());
        Assert.Empty(document.Blobs);
    }

    [Fact]
    public void Tells_layers_from_manifests_in_a_buildkit_cache()
    {
        var document = Parse($$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.OciIndex}}","manifests":[{{D(A, "application/vnd.docker.image.rootfs.diff.tar.gzip")}},{{D(B, "application/vnd.buildkit.cacheconfig.v0")}},{{D(C, MediaTypes.OciManifest)}}]}""");

        Assert.Equal([A, B], document.Blobs.Select(d => d.Digest.ToString()));
        Assert.Equal([C], document.Children.Select(d => d.Digest.ToString()));
    }

    [Fact]
    public void Reads_an_artifact_with_subject_and_empty_config()
    {
        var document = Parse($$"""{"schemaVersion":2,"artifactType":"application/sbom","config":{{D(A, "application/vnd.oci.empty.v1+json", 2, ",\"data\":\"e30=\"")}},"layers":null,"subject":{{D(B, MediaTypes.OciManifest)}},"annotations":{"názov":"ž"} }""");

        Assert.Equal("application/sbom", document.ArtifactType);
        Assert.Equal(B, document.Subject!.Digest.ToString());
        Assert.Equal([A], document.Blobs.Select(d => d.Digest.ToString()));
    }

    [Fact]
    public void Reads_the_artifact_manifest_of_the_release_candidates()
    {
        var document = Parse($$"""{"mediaType":"{{MediaTypes.OciArtifact}}","artifactType":"a/b","blobs":[{{D(A)}}],"subject":{{D(B)}}}""");

        Assert.Equal(ManifestKind.Image, document.Kind);
        Assert.Null(document.Config);
        Assert.Equal([A], document.Blobs.Select(d => d.Digest.ToString()));
    }

    [Theory]
    [InlineData("", MediaTypes.DockerSchema1)]
    [InlineData(",\"signatures\":[{\"header\":{}}]", MediaTypes.DockerSchema1Signed)]
    public void Reads_schema_1_whose_layers_have_no_size(string signatures, string mediaType)
    {
        var document = Parse($$"""{"schemaVersion":1,"name":"a/b","tag":"t","fsLayers":[{"blobSum":"{{A}}"},{"blobSum":"{{B}}"}],"history":[]{{signatures}}}""");

        Assert.Equal((ManifestKind.Schema1, mediaType), (document.Kind, document.MediaType));
        Assert.Equal([A, B], document.Blobs.Select(d => d.Digest.ToString()));
        Assert.All(document.Blobs, d => Assert.Equal(ManifestDescriptor.UnknownSize, d.Size));
    }

    [Theory]
    [InlineData("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", "", true)]
    [InlineData("application/vnd.oci.image.layer.nondistributable.v1.tar+zstd", "", true)]
    [InlineData("application/vnd.oci.image.layer.v1.tar", ",\"urls\":[\"https://example.org/layer\"]", true)]
    [InlineData("application/vnd.oci.image.layer.v1.tar", ",\"urls\":[]", false)]
    [InlineData("application/vnd.oci.image.layer.v1.tar", ",\"urls\":null", false)]
    public void Knows_layers_that_are_kept_elsewhere(string mediaType, string more, bool foreign)
    {
        var document = Parse($$"""{"schemaVersion":2,"config":{{D(A)}},"layers":[{{D(B, mediaType, more: more)}}]}""");

        Assert.Equal(foreign, document.Layers[0].IsForeign);
    }

    [Theory]
    [InlineData("", "not JSON")]
    [InlineData("{\"schemaVersion\":2", "not JSON")]
    [InlineData("[]", "no object")]
    [InlineData("{}", "neither layers nor manifests")]
    [InlineData("{\"mediaType\":\"text/plain\",\"layers\":[]}", "'text/plain'")]
    [InlineData("{\"layers\":[]}", "without config")]
    [InlineData("{\"layers\":{},\"config\":{}}", "no size")]
    [InlineData("{\"layers\":{}}", "no array")]
    [InlineData("{\"mediaType\":3}", "no string")]
    [InlineData("{\"manifests\":[],\"layers\":[]}", "at once")]
    [InlineData("{\"manifests\":[3]}", "no object")]
    [InlineData("{\"manifests\":[{\"size\":1,\"digest\":\"md5:00\"}]}", "'md5:00'")]
    [InlineData("{\"manifests\":[{\"size\":1}]}", "no 'digest'")]
    [InlineData("{\"manifests\":[{\"size\":-1}]}", "no size")]
    [InlineData("{\"manifests\":[{\"size\":1e99}]}", "no size")]
    [InlineData("{\"mediaType\":\"application/vnd.oci.image.index.v1+json\",\"layers\":[],\"config\":null}", "does not fit")]
    public void Refuses_what_is_no_manifest_and_says_why(string json, string reason)
    {
        Assert.False(ManifestDocument.TryParse(Encoding.UTF8.GetBytes(json), out var document, out var said));
        Assert.Null(document);
        Assert.Contains(reason, said, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_more_than_a_registry_takes_without_reading_it()
    {
        Assert.False(ManifestDocument.TryParse(new byte[ManifestDocument.MaxBytes + 1], out _, out var reason));
        Assert.Contains("4194305 bytes", reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_nesting_that_would_exhaust_the_stack()
    {
        Assert.False(ManifestDocument.TryParse(Encoding.UTF8.GetBytes(new string('[', 100_000)), out _, out var reason));
        Assert.Contains("not JSON", reason, StringComparison.Ordinal);
    }
}
