using System.Security.Cryptography;
using FsCheck;
using FsCheck.Fluent;

namespace RegistryMigration.Model.Tests.Content;

public sealed class DigestTests
{
    private const string Empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    [Fact]
    public void A_digest_reads_as_it_is_written()
    {
        var digest = Digest.Parse("sha256:" + Empty);
        Assert.Equal("sha256", digest.Algorithm);
        Assert.Equal(Empty, digest.Hex);
        Assert.Equal("e3", digest.Shard);
        Assert.Equal("sha256:" + Empty, digest.ToString());
        Assert.Equal(Digest.EmptySha256, digest);
        Assert.Equal(Digest.EmptySha256, Digest.OfSha256([]));
    }

    [Fact]
    public void Sha512_is_registered_too()
    {
        var text = "sha512:" + Convert.ToHexString(SHA512.HashData("x"u8)).ToLowerInvariant();
        Assert.Equal(text, Digest.Parse(text).ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(":")]
    [InlineData("sha256:")]
    [InlineData(Empty)]
    [InlineData(":" + Empty)]
    [InlineData("sha256:" + Empty + "0")]
    [InlineData("sha256:e3")]
    [InlineData("sha256:E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855")]
    [InlineData("sha256:g3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData("sha512:" + Empty)]
    [InlineData("md5:d41d8cd98f00b204e9800998ecf8427e")]
    [InlineData("SHA256:" + Empty)]
    [InlineData(" sha256:" + Empty)]
    [InlineData("sha256:" + Empty + "\n")]
    [InlineData("sha256:../../../../etc/passwd0000000000000000000000000000000000000000000000")]
    public void Anything_else_is_no_digest(string? text)
    {
        Assert.False(Digest.TryParse(text, out _));
        if (text is not null)
            Assert.Throws<FormatException>(() => Digest.Parse(text));
    }

    [Fact]
    public void A_digest_of_bytes_is_their_sha256() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes =>
        {
            var digest = Digest.OfSha256(bytes);
            Assert.Equal(Convert.ToHexString(SHA256.HashData(bytes)).ToLowerInvariant(), digest.Hex);
            Assert.Equal(digest, Digest.Parse(digest.ToString()));
            Assert.Equal(digest, Digest.FromHash("sha256", SHA256.HashData(bytes)));
        }).Check(Config.QuickThrowOnFailure.WithQuietOnSuccess(true));

    [Fact]
    public void A_digest_without_value_shows_nothing() => Assert.Equal("", default(Digest).ToString());

    [Fact]
    public void Text_in_other_scripts_has_no_digits() => Assert.False(Digest.TryParse("sha256:" + new string('٣', 64), out _));
}
