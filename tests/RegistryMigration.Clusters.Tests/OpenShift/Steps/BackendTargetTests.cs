using RegistryMigration.Clusters.OpenShift.Steps;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Tests.OpenShift.Steps;

public sealed class BackendTargetTests
{
    private static readonly RegistryCredentialSource Cloud = new();
    private static readonly RegistryCredentialSource User = new() { Secret = "image-registry-private-configuration-user", IsUserSecret = true, Backends = [BackendKind.Swift] };

    [Fact]
    public void Swift_by_the_clouds_credentials_is_named_by_its_container_alone()
    {
        var target = BackendTarget.OfStore(new RegistryStore("swift://images") { Swift = new SwiftOptions { AuthUrl = new Uri("https://keystone.test/v3") } }, Cloud);
        Assert.Equal("""{"managementState":"Unmanaged","swift":{"container":"images"}}""", target.Json.ToJsonString());
        Assert.Equal("swift://images", target.Address);
    }

    [Fact]
    public void Swift_by_the_administrators_secret_is_told_everything_but_secrets()
    {
        var store = new RegistryStore("swift://images")
        {
            Swift = new SwiftOptions { AuthUrl = new Uri("https://keystone.test:5000/v3"), UserName = "robot", Password = new Secret("hush"), ProjectName = "infra", UserDomainName = "Default", Region = "north" },
        };
        Assert.Equal("""{"managementState":"Unmanaged","swift":{"container":"images","authURL":"https://keystone.test:5000/v3","authVersion":"3","domain":"Default","tenant":"infra","regionName":"north"}}""", BackendTarget.OfStore(store, User).Json.ToJsonString());
        var failure = Assert.Throws<FormatException>(() => BackendTarget.OfStore(new RegistryStore("swift://images"), User));
        Assert.Contains("-AuthUrl", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://s3.test:9000", null, null, """{"bucket":"images","region":"us-east-1","regionEndpoint":"https://s3.test:9000"}""")]
    [InlineData("https://s3.test:9000", "north", false, """{"bucket":"images","region":"north","regionEndpoint":"https://s3.test:9000","virtualHostedStyle":true}""")]
    [InlineData(null, "eu-west-1", null, """{"bucket":"images","region":"eu-west-1"}""")]
    public void S3(string? endpoint, string? region, bool? pathStyle, string expected)
    {
        var store = new RegistryStore("s3://images") { S3 = new S3Options { Endpoint = endpoint is null ? null : new Uri(endpoint), Region = region, PathStyle = pathStyle } };
        Assert.Equal(expected, BackendTarget.OfStore(store, Cloud).Json["s3"]!.ToJsonString());
    }

    [Theory]
    [InlineData("s3://images", null, null, "-Region")]
    [InlineData("swift://images/below", null, null, "a whole container")]
    [InlineData("swift://images", "docker/registry/v2", null, "files/docker/registry/v2")]
    [InlineData("swift://images", null, LayoutKind.Quay, "Quay")]
    [InlineData("/mnt/images", null, null, "-Claim")]
    public void What_the_operator_could_not_use_is_refused(string address, string? root, LayoutKind? layout, string expected) =>
        Assert.Contains(expected, Assert.Throws<FormatException>(() => BackendTarget.OfStore(new RegistryStore(address) { Root = root, Layout = layout }, Cloud)).Message, StringComparison.Ordinal);
}
