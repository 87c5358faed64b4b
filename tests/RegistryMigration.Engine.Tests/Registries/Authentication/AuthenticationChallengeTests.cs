using RegistryMigration.Engine.Registries.Authentication;

namespace RegistryMigration.Engine.Tests.Registries.Authentication;

public sealed class AuthenticationChallengeTests
{
    [Fact]
    public void Commas_in_quotes_belong_to_the_value()
    {
        var challenge = Assert.Single(AuthenticationChallenge.Parse("Bearer realm=\"https://a/t?x=1,2\",service=\"s\",scope=\"repository:a/b:pull,push repository:c:pull\""));
        Assert.True(challenge.IsBearer);
        Assert.Equal(("https://a/t?x=1,2", "s", "repository:a/b:pull,push repository:c:pull"), (challenge["realm"], challenge["Service"], challenge["scope"]));
        Assert.Null(challenge.WithoutScope()["scope"]);
    }

    [Theory]
    [InlineData("Basic realm=\"a, b\", Bearer realm=\"https://t\"", "Basic|a, b;Bearer|https://t")]
    [InlineData("Negotiate, Basic realm=plain", "Negotiate|;Basic|plain")]
    [InlineData("bearer realm = \"https://t\" , error=\"insufficient_scope\"", "bearer|https://t")]
    [InlineData("Basic realm=\"with \\\"quotes\\\" and \\\\\"", "Basic|with \"quotes\" and \\")]
    [InlineData("Bearer realm=\"never closed", "Bearer|never closed")]
    [InlineData("Bearer", "Bearer|")]
    [InlineData(",, ,", "")]
    [InlineData("=\"\"", "")]
    [InlineData("", "")]
    public void Headers_are_read_as_written(string header, string expected) =>
        Assert.Equal(expected, string.Join(';', AuthenticationChallenge.Parse(header).Select(c => $"{c.Scheme}|{c["realm"]}")));

    [Fact]
    public void Any_header_is_read_to_its_end()
    {
        var pieces = FsCheck.Fluent.Gen.Elements("Bearer", "Basic ", "realm", "=", "\"", ",", " ", "\\", "x", "\t");
        var headers = FsCheck.Fluent.Arb.From(FsCheck.Fluent.Gen.Select(FsCheck.Fluent.Gen.ListOf(pieces), string.Concat));
        FsCheck.Check.One(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(2000), FsCheck.Fluent.Prop.ForAll(headers, text => AuthenticationChallenge.Parse(text).All(c => c.Scheme.Length > 0)));
    }

    [Theory]
    [InlineData("""{"token":"t","expires_in":300}""", "t", 270)]
    [InlineData("""{"token":"","access_token":"a"}""", "a", 54)]
    [InlineData("""{"token":"t","expires_in":100,"issued_at":"1999-01-01T00:00:00Z"}""", "t", 90)]
    [InlineData("""{"token":"t","expires_in":null}""", "t", 54)]
    public void Tokens_live_by_our_clock(string json, string token, int seconds)
    {
        var now = DateTimeOffset.UnixEpoch;
        var read = BearerToken.Read(System.Text.Encoding.UTF8.GetBytes(json), now)!;
        Assert.Equal((token, now.AddSeconds(seconds)), (read.Header.Parameter, read.RenewAt));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("<html>")]
    [InlineData("")]
    public void An_answer_without_token_is_none(string json) => Assert.Null(BearerToken.Read(System.Text.Encoding.UTF8.GetBytes(json), DateTimeOffset.UnixEpoch));
}
