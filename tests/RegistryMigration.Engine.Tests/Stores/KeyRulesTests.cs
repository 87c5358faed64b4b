using RegistryMigration.Engine.Stores;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Stores;

public sealed class KeyRulesTests
{
    [Theory]
    [InlineData("blobs/sha256/4f/4fab/data")]
    [InlineData("a")]
    [InlineData("..a/b..")]
    [InlineData("...")]
    [InlineData("ключ/鍵/😀")]
    [InlineData("with space/and\\backslash")]
    public void A_plain_key_passes(string key) => Assert.Null(KeyRules.Problem(key));

    [Theory]
    [InlineData("", "empty")]
    [InlineData("/a", "starts with a slash")]
    [InlineData("a/", "ends with a slash")]
    [InlineData("a//b", "empty segment")]
    [InlineData("..", "'..'")]
    [InlineData("a/../b", "'..'")]
    [InlineData("a/.", "'.'")]
    [InlineData("a\0b", "U+0000")]
    [InlineData("a\nb", "U+000A")]
    [InlineData("a\u0085b", "U+0085")]
    public void An_unsafe_key_is_named_with_its_reason(string key, string reason) =>
        Assert.Contains(reason, KeyRules.Problem(key), StringComparison.Ordinal);

    // A lone surrogate can't be an attribute argument: it would be written as U+FFFD.
    [Fact]
    public void A_lone_surrogate_is_no_key() => Assert.Contains("Unicode", KeyRules.Problem("a" + (char)0xD800), StringComparison.Ordinal);

    [Theory]
    [InlineData(255, true)]
    [InlineData(256, false)]
    public void A_segment_has_255_bytes(int bytes, bool fine)
    {
        Assert.Equal(fine, KeyRules.Problem("x/" + new string('a', bytes) + "/y") is null);
        Assert.Equal(fine, KeyRules.Problem(new string('é', bytes / 2) + (bytes % 2 == 1 ? "a" : "")) is null);
    }

    [Theory]
    [InlineData(1024, true)]
    [InlineData(1025, false)]
    public void A_key_has_1024_bytes(int bytes, bool fine)
    {
        var key = string.Join('/', Enumerable.Repeat(new string('a', 99), 11))[..bytes];
        Assert.Equal(fine, KeyRules.Problem(key) is null);
    }

    [Fact]
    public void The_error_names_store_and_key_without_control_characters()
    {
        var e = Assert.Throws<StoreException>(() => KeyRules.Require("a/\u001b[31m/../b", "/var/lib/registry"));
        Assert.Equal(StoreErrorKind.InvalidKey, e.Kind);
        Assert.Contains("/var/lib/registry", e.Message, StringComparison.Ordinal);
        Assert.Contains("\\u001B", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(e.Message, char.IsControl);
    }
}
