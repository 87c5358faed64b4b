using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Registries;

public sealed class ImageReferenceTests
{
    private const string Digest = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    [Theory]
    [InlineData("a", "a", "latest", null)]
    [InlineData("a/b-c__d.e/f:V1.0_x", "a/b-c__d.e/f", "V1.0_x", null)]
    [InlineData("a@" + Digest, "a", null, Digest)]
    [InlineData("a/b:1@" + Digest, "a/b", "1", Digest)]
    public void References_are_read(string text, string repository, string? tag, string? digest)
    {
        var reference = ImageReference.Parse(text);
        Assert.Equal((repository, tag, digest), (reference.Repository, reference.Tag, reference.Digest?.ToString()));
        Assert.Equal(tag == "latest" ? "a:latest" : text, reference.ToString());
        Assert.Equal(digest ?? tag, reference.Target);
    }

    [Theory]
    [InlineData("")]
    [InlineData("A/b")]
    [InlineData("a/../b")]
    [InlineData("a//b")]
    [InlineData("a:")]
    [InlineData("a:-x")]
    [InlineData("a@sha256:short")]
    [InlineData("registry.example.com:5000/a")]
    [InlineData("a\n")]
    public void Other_texts_are_refused(string text) => Assert.Throws<FormatException>(() => ImageReference.Parse(text));

    [Theory]
    [InlineData("registry.example.com:5000", "https://registry.example.com:5000")]
    [InlineData("http://localhost:5000/", "http://localhost:5000")]
    [InlineData("https://example.com/proxy", "https://example.com/proxy")]
    public void Endpoints_are_read(string text, string expected) => Assert.Equal(expected, new RegistryEndpoint(text).ToString());

    [Theory]
    [InlineData("ftp://x")]
    [InlineData("https://")]
    [InlineData("https://x?y=1")]
    [InlineData("https://user:s3cret@x")]
    public void Other_endpoints_are_refused_without_showing_secrets(string text) =>
        Assert.DoesNotContain("s3cret", Assert.Throws<FormatException>(() => new RegistryEndpoint(text)).Message, StringComparison.Ordinal);
}
