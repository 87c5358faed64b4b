using RegistryMigration.Engine.Stores.Swift.Configuration;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Stores.Swift.Configuration;

public sealed class SwiftSettingsResolverTests : IDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory("swift-clouds-").FullName;

    private string ConfigFolder => Directory.CreateDirectory(Path.Combine(_home, ".config", "openstack")).FullName;

    public void Dispose() => Directory.Delete(_home, recursive: true);

    [Fact]
    public void A_cloud_is_found_in_the_home_folder_with_secure_yaml_merged_over_it()
    {
        File.WriteAllText(Path.Combine(ConfigFolder, "clouds.yaml"), """
            clouds:
              other: {auth: {auth_url: http://other/v3}}
              lab:
                auth:
                  auth_url: https://keystone.example/v3/
                  username: me
                  password: not this
                  project_name: things
                  user_domain_name: People
                  project-domain-id: abc
                region_name: North
                interface: internal
                cacert: /etc/ca.pem
                identity_api_version: 3
            """);
        File.WriteAllText(Path.Combine(ConfigFolder, "secure.yaml"), "clouds: {lab: {auth: {password: s3cret}}}");

        var settings = Resolve(new SwiftOptions { Cloud = "lab", Environment = Home() });

        Assert.Equal(new Uri("https://keystone.example/v3"), settings.AuthUrl);
        Assert.Equal(("me", "s3cret", "things"), (settings.UserName, settings.Password!.Reveal(), settings.ProjectName));
        Assert.Equal((new KeystoneDomain(null, "People"), new KeystoneDomain("abc", null)), (settings.UserDomain, settings.ProjectDomain));
        Assert.Equal(("North", "internal", "/etc/ca.pem"), (settings.Region, settings.Interface, settings.CertificateAuthorityPath));
        Assert.DoesNotContain("s3cret", settings.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_variables_name_the_file_and_the_cloud_and_options_win_over_both()
    {
        var file = Write("elsewhere.yaml", "clouds: {a: {auth: {auth_url: http://a/v3, username: u, password: p, project_id: x}}, b: {auth: {auth_url: http://b/v3}}}");
        var environment = Home(("OS_CLIENT_CONFIG_FILE", file), ("OS_CLOUD", "a"), ("OS_AUTH_URL", "http://ignored/v3"), ("OS_PASSWORD", "ignored"));
        Assert.Equal(("http://a/v3", "p"), Read(Resolve(new SwiftOptions { Environment = environment })));
        Assert.Equal(("http://a/v3", "mine"), Read(Resolve(new SwiftOptions { Environment = environment, Password = new Secret("mine") })));
        Assert.Equal("y", Resolve(new SwiftOptions { Environment = environment, ProjectName = "y" }).ProjectName);
        Assert.Null(Resolve(new SwiftOptions { Environment = environment, ProjectName = "y" }).ProjectId);

        static (string, string) Read(SwiftSettings settings) => (settings.AuthUrl!.ToString(), settings.Password!.Reveal());
    }

    [Fact]
    public void The_only_cloud_needs_no_name()
    {
        var file = Write("one.yaml", "clouds: {a: {auth: {auth_url: http://a/v3, username: u, password: p, project_id: x}}}");
        Assert.Equal("http://a/v3", Resolve(new SwiftOptions { CloudsFile = file, Environment = Home() }).AuthUrl!.ToString());
    }

    [Theory]
    [InlineData("http://k:5000", null, "http://k:5000/v3")]
    [InlineData("http://k/identity/", null, "http://k/identity/v3")]
    [InlineData("http://k/identity/v3", null, "http://k/identity/v3")]
    [InlineData("http://k:5000/v2.0", "3", "http://k:5000/v3")]
    public void Keystones_address_is_typed_in_many_ways(string typed, string? version, string expected)
    {
        var environment = Home(("OS_AUTH_URL", typed), ("OS_USERNAME", "u"), ("OS_PASSWORD", "p"), ("OS_TENANT_NAME", "t"));
        if (version is not null)
            environment["OS_IDENTITY_API_VERSION"] = version;
        var settings = Resolve(new SwiftOptions { Environment = environment });
        Assert.Equal((SwiftAuthMethod.Password, expected, "t"), (settings.Method, settings.AuthUrl!.ToString(), settings.ProjectName));
    }

    [Theory]
    [InlineData("http://s:8080/auth/v1.0")]
    [InlineData("http://s:8080/auth/1.0")]
    [InlineData("http://s:7480/auth")]
    public void Version_1_is_told_by_its_address(string address)
    {
        var settings = Resolve(new SwiftOptions { Environment = Home(("ST_AUTH", address), ("ST_USER", "test:tester"), ("ST_KEY", "k")) });
        Assert.Equal((SwiftAuthMethod.TempAuth, new Uri(address), "test:tester", "k"), (settings.Method, settings.AuthUrl, settings.UserName, settings.Password!.Reveal()));
    }

    [Theory]
    [InlineData("v3applicationcredential, auth: {auth_url: http://a/v3, application_credential_id: i, application_credential_secret: s}", SwiftAuthMethod.ApplicationCredential)]
    [InlineData("v3applicationcredential, auth: {auth_url: http://a/v3, application_credential_name: n, username: u, application_credential_secret: s}", SwiftAuthMethod.ApplicationCredential)]
    [InlineData("token, auth: {auth_url: http://a/v3, token: t, project_name: p}", SwiftAuthMethod.Token)]
    [InlineData("v1password, auth: {auth_url: http://a/, username: u, password: p}", SwiftAuthMethod.TempAuth)]
    [InlineData("password, auth: {auth_url: http://a/v3, username: u, password: p, project_name: p}", SwiftAuthMethod.Password)]
    internal void Kinds_of_authentication_are_openstacksdks(string cloud, SwiftAuthMethod method) =>
        Assert.Equal(method, Resolve(new SwiftOptions { CloudsFile = Write("c.yaml", $"clouds: {{a: {{auth_type: {cloud}}}}}"), Environment = Home() }).Method);

    [Theory]
    [InlineData("{auth: {auth_url: http://a/v3, username: u, password: p}}", StoreErrorKind.Unauthenticated, "project_name")]
    [InlineData("{auth: {auth_url: http://a/v3, username: u, project_name: p}}", StoreErrorKind.Unauthenticated, "password")]
    [InlineData("{auth: {auth_url: http://a/v2.0, username: u, password: p, project_name: p}}", StoreErrorKind.Unsupported, "/v3")]
    [InlineData("{profile: rackspace, auth: {username: u, password: p, project_name: p}}", StoreErrorKind.Unauthenticated, "'rackspace'")]
    [InlineData("{auth_type: v3oidcpassword, auth: {auth_url: http://a/v3}}", StoreErrorKind.Unsupported, "'v3oidcpassword'")]
    [InlineData("{auth_type: v3applicationcredential, auth: {auth_url: http://a/v3, application_credential_name: n, application_credential_secret: s}}", StoreErrorKind.Unauthenticated, "application credential")]
    [InlineData("{verify: false, auth: {auth_url: 'https://a/v3', username: u, password: p, project_name: p}}", StoreErrorKind.Certificate, "-SkipCertificateCheck")]
    [InlineData("{auth: {auth_url: 'a/v3', username: u, password: p, project_name: p}}", StoreErrorKind.Other, "'a/v3'")]
    public void What_is_missing_or_not_supported_is_said(string cloud, StoreErrorKind kind, string text)
    {
        var failure = Assert.Throws<StoreException>(() => Resolve(new SwiftOptions { CloudsFile = Write("c.yaml", $"clouds: {{a: {cloud}}}"), Environment = Home() }));
        Assert.Equal(kind, failure.Kind);
        Assert.Contains(text, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_that_are_missing_or_broken_are_named_without_their_content()
    {
        Assert.Contains("'lab'", Fails(new SwiftOptions { Cloud = "lab", Environment = Home() }), StringComparison.Ordinal);
        Assert.Contains("nothing.yaml", Fails(new SwiftOptions { CloudsFile = "/nothing.yaml", Environment = Home() }), StringComparison.Ordinal);
        var named = Write("c.yaml", "clouds: {a: {}, b: {}}");
        Assert.Contains("a, b", Fails(new SwiftOptions { CloudsFile = named, Cloud = "z", Environment = Home() }), StringComparison.Ordinal);
        var broken = Write("broken.yaml", "clouds: {a: {auth: {password: s3cret, \n ]");
        var message = Fails(new SwiftOptions { CloudsFile = broken, Cloud = "a", Environment = Home() });
        Assert.Contains("no valid YAML", message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", message, StringComparison.Ordinal);
        Assert.Contains("OS_CLOUD", Fails(new SwiftOptions { Environment = Home() }), StringComparison.Ordinal);

        static string Fails(SwiftOptions options) => Assert.Throws<StoreException>(() => Resolve(options)).Message;
    }

    private static SwiftSettings Resolve(SwiftOptions options) => SwiftSettingsResolver.Resolve(options, new TlsOptions());

    private Dictionary<string, string> Home(params (string Name, string Value)[] more) => more.Append(("HOME", _home)).ToDictionary(each => each.Item1, each => each.Item2);

    private string Write(string name, string text)
    {
        var path = Path.Combine(_home, name);
        File.WriteAllText(path, text);
        return path;
    }
}
