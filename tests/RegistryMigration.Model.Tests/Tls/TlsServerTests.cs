namespace RegistryMigration.Model.Tests.Tls;

public sealed class TlsServerTests
{
    private const string Hex = "5eb14c0000000000000000000000000000000000000000000000000000000abc";

    [Theory]
    [InlineData("s3.example.org", "s3.example.org", null)]
    [InlineData("s3.example.org:8443", "s3.example.org", 8443)]
    [InlineData("https://s3.example.org:8443/bucket", "s3.example.org", 8443)]
    [InlineData("https://s3.example.org", "s3.example.org", null)]
    [InlineData("[::1]:8443", "::1", 8443)]
    [InlineData("[::1]", "::1", null)]
    [InlineData("::1", "::1", null)]
    [InlineData("https://[2001:db8::1]:8443", "2001:db8::1", 8443)]
    [InlineData("10.0.0.1:8443", "10.0.0.1", 8443)]
    public void A_server_is_named_in_many_ways(string text, string host, int? port)
    {
        var server = TlsServer.Parse(text);
        Assert.Equal((host, port), (server.Host, server.Port));
    }

    [Theory]
    [InlineData("http://s3.example.org", "plain http")]
    [InlineData("s3://bucket", "s3://")]
    [InlineData("", "names no server")]
    [InlineData("host:99999", "names no server")]
    public void Anything_else_is_refused(string text, string why) =>
        Assert.Contains(why, Assert.Throws<FormatException>(() => TlsServer.Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_store_names_its_server()
    {
        var tls = new TlsOptions { CertificateAuthorityPath = "/ca.pem" };
        var byPath = TlsServer.Of(new RegistryStore("s3://images") { S3 = new S3Options { Endpoint = new Uri("https://s3.example.org:8443") }, Tls = tls });
        Assert.Equal(("s3.example.org", 8443, "/ca.pem"), (byPath.Host, byPath.Port, byPath.CertificateAuthorityPath));
        Assert.Equal("images.s3.example.org", TlsServer.Of(new RegistryStore("s3://images") { S3 = new S3Options { Endpoint = new Uri("https://s3.example.org"), PathStyle = false } }).Host);
        Assert.Equal("keystone.example.org", TlsServer.Of(new RegistryStore("swift://images") { Swift = new SwiftOptions { AuthUrl = new Uri("https://keystone.example.org:5000/v3") } }).Host);
        Assert.Throws<FormatException>(() => TlsServer.Of(new RegistryStore("s3://images")));
        Assert.Throws<FormatException>(() => TlsServer.Of(new RegistryStore("/srv/images")));
    }

    [Theory]
    [InlineData(Hex)]
    [InlineData("sha256 Fingerprint=5E:B1:4C:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:0A:BC")]
    [InlineData("SHA256:5EB14C00 00000000 00000000 00000000 00000000 00000000 00000000 00000ABC ")]
    public void A_fingerprint_is_read_as_people_pass_it_on(string text) => Assert.Equal(Hex, TlsFingerprint.Parse(text));

    [Fact]
    public void Another_fingerprint_is_refused_by_name() =>
        Assert.Contains("SHA-1", Assert.Throws<FormatException>(() => TlsFingerprint.Parse(new string('a', 40))).Message, StringComparison.Ordinal);
}
