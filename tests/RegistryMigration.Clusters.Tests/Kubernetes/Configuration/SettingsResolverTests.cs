using System.Text;
using RegistryMigration.Clusters.Kubernetes.Configuration;
using RegistryMigration.Clusters.Tests.Support;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Tests.Kubernetes.Configuration;

public sealed class SettingsResolverTests : IDisposable
{
    private const string Minimal = """
        apiVersion: v1
        kind: Config
        current-context: one
        contexts:
        - {name: one, context: {cluster: c1, user: u1, namespace: apps}}
        - {name: two, context: {cluster: c1, user: u2}}
        clusters:
        - {name: c1, cluster: {server: "https://api.one.test:6443"}}
        users:
        - {name: u1, user: {token: s3cret}}
        - {name: u2, user: {username: admin, password: hunter2}}
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_current_context_says_where_and_who()
    {
        var settings = Resolve(_folder.Write("config", Minimal));
        Assert.Equal(("https://api.one.test:6443/", "one", "apps", "s3cret"), (settings.Server.AbsoluteUri, settings.Context, settings.Namespace, settings.User.Token?.Reveal()));
    }

    [Fact]
    public void Another_context_can_be_asked_for()
    {
        var settings = Resolve(_folder.Write("config", Minimal), context: "two");
        Assert.Equal(("admin", "hunter2", null), (settings.User.UserName, settings.User.Password?.Reveal(), settings.Namespace));
    }

    [Fact]
    public void A_wrong_context_names_those_that_are_there()
    {
        var error = Assert.Throws<ClusterException>(() => Resolve(_folder.Write("config", Minimal), context: "three"));
        Assert.Equal(ClusterErrorKind.Configuration, error.Kind);
        Assert.Contains("no context 'three'. It has: one, two.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Json_is_read_as_well()
    {
        var file = _folder.Write("config.json", """{"current-context":"a","contexts":[{"name":"a","context":{"cluster":"c","user":"u"}}],"clusters":[{"name":"c","cluster":{"server":"api.test:6443"}}],"users":[{"name":"u","user":{"token":"t"}}]}""");
        Assert.Equal("https://api.test:6443/", Resolve(file).Server.AbsoluteUri);
    }

    [Fact]
    public void Of_several_files_the_first_that_has_an_entry_wins_and_missing_ones_are_skipped()
    {
        var first = _folder.Write("first", """
            contexts: [{name: one, context: {cluster: c1, user: u1, namespace: mine}}]
            users: [{name: u1, user: {username: me, password: p}}]
            """);
        var second = _folder.Write("second", Minimal);
        var options = new ClusterOptions { Environment = new Dictionary<string, string> { ["KUBECONFIG"] = string.Join(Path.PathSeparator, Path.Combine(_folder.Path, "missing"), first, second) } };

        var settings = SettingsResolver.Resolve(options, _folder.Path);

        // Whole entries: the token of the second file's user must not be added to the first one's.
        Assert.Equal(("mine", "me", null), (settings.Namespace, settings.User.UserName, settings.User.Token));
        Assert.Equal("https://api.one.test:6443/", settings.Server.AbsoluteUri);
    }

    [Fact]
    public void A_file_that_is_asked_for_must_be_there()
    {
        var error = Assert.Throws<ClusterException>(() => Resolve(Path.Combine(_folder.Path, "missing")));
        Assert.Contains("missing", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Home_is_where_nothing_else_says()
    {
        _folder.Write(".kube/config", Minimal);
        Assert.Equal("one", SettingsResolver.Resolve(new ClusterOptions { Environment = new Dictionary<string, string> { ["HOME"] = _folder.Path } }, _folder.Path).Context);
    }

    [Fact]
    public void Paths_count_from_their_own_file_and_data_wins_over_files()
    {
        _folder.Write("sub/ca.crt", "AUTHORITY");
        var file = _folder.Write("sub/config", $$$"""
            current-context: a
            contexts: [{name: a, context: {cluster: c, user: u}}]
            clusters: [{name: c, cluster: {server: "https://api.test", certificate-authority: ca.crt, tls-server-name: inner, proxy-url: "socks5://proxy.test:1080"}}]
            users: [{name: u, user: {tokenFile: token, client-certificate: nowhere, client-certificate-data: {{{Base64("CERT")}}}, client-key-data: {{{Base64("KEY")}}}}}]
            """);

        var settings = Resolve(file);

        Assert.Equal(("AUTHORITY", true, "inner", "socks5://proxy.test:1080/"), (settings.Authorities, settings.OnlyAuthorities, settings.TlsServerName, settings.Proxy?.AbsoluteUri));
        Assert.Equal((Path.Combine(_folder.Path, "sub", "token"), "CERT", "KEY"), (settings.User.TokenFile, settings.User.Certificate, settings.User.Key?.Reveal()));
    }

    [Fact]
    public void What_is_given_wins_over_the_file()
    {
        var file = _folder.Write("config", Minimal);
        var settings = SettingsResolver.Resolve(new ClusterOptions { KubeConfig = [file], Context = "two", Namespace = "other", Token = new Secret("mine"), Tls = new TlsOptions { SkipCertificateCheck = true } });
        Assert.Equal(("other", "mine", null, true), (settings.Namespace, settings.User.Token?.Reveal(), settings.User.Password, settings.SkipCertificateCheck));
    }

    [Theory]
    [InlineData("token: t, username: u, password: s3cret", "a token and a password")]
    [InlineData("client-certificate-data: c3M=", "certificate without a key")]
    [InlineData("client-key-data: '***s3cret'", "is no base64")]
    [InlineData("client-certificate: gone.crt, client-key-data: c3M=", "gone.crt")]
    [InlineData("auth-provider: {name: gcp}", "auth-provider 'gcp'")]
    [InlineData("exec: {apiVersion: client.authentication.k8s.io/v1alpha1, command: x}", "version 'client.authentication.k8s.io/v1alpha1'")]
    [InlineData("exec: {apiVersion: client.authentication.k8s.io/v1, command: x, interactiveMode: Always}", "asks at a terminal")]
    [InlineData("exec: {apiVersion: client.authentication.k8s.io/v1}", "without a command")]
    [InlineData("as: bob, as-groups: [a, b], token: s3cret", "several groups")]
    public void A_user_that_makes_no_sense_is_refused_without_its_secrets(string user, string message)
    {
        var file = _folder.Write("config", $"current-context: a\ncontexts: [{{name: a, context: {{cluster: c, user: u}}}}]\nclusters: [{{name: c, cluster: {{server: 'https://api.test'}}}}]\nusers: [{{name: u, user: {{{user}}}}}]\n");
        var error = Assert.Throws<ClusterException>(() => Resolve(file));
        Assert.Equal(ClusterErrorKind.Configuration, error.Kind);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("server: 'https://api.test', insecure-skip-tls-verify: true, certificate-authority-data: c3M=", "insecure-skip-tls-verify")]
    [InlineData("server: 'http://api.test'", "in the clear")]
    [InlineData("server: 'https://me:s3cret@api.test'", "carries credentials")]
    [InlineData("server: 'ftp://api.test'", "not an https address")]
    [InlineData("server: 'https://api.test', proxy-url: 'ftp://proxy'", "proxy-url")]
    [InlineData("{}", "has no server")]
    public void A_cluster_that_makes_no_sense_is_refused(string cluster, string message)
    {
        var file = _folder.Write("config", $"current-context: a\ncontexts: [{{name: a, context: {{cluster: c, user: u}}}}]\nclusters: [{{name: c, cluster: {(cluster == "{}" ? cluster : $"{{{cluster}}}")}}}]\nusers: [{{name: u, user: {{token: t}}}}]\n");
        var error = Assert.Throws<ClusterException>(() => Resolve(file));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("users:\n- name: a\n  user: {token: s3cret\n- ]", "no valid YAML")]
    [InlineData("users:\n- name: a\n  user: 's3cret", "no valid YAML near line")]
    [InlineData("- s3cret", "no kubeconfig")]
    public void A_broken_file_is_told_without_its_content(string content, string message)
    {
        var error = Assert.Throws<ClusterException>(() => Resolve(_folder.Write("config", content)));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_exec_plugin_hears_of_the_cluster_where_it_wants_to()
    {
        var file = _folder.Write("config", $$$"""
            current-context: a
            contexts: [{name: a, context: {cluster: c, user: u}}]
            clusters:
            - name: c
              cluster:
                server: https://api.test
                certificate-authority-data: {{{Base64("AUTHORITY")}}}
                extensions: [{name: client.authentication.k8s.io/exec, extension: {audience: x, retries: 3, strict: true, quoted: "7"}}]
            users:
            - name: u
              user:
                exec:
                  apiVersion: client.authentication.k8s.io/v1
                  command: ./login
                  args: [--a, "1"]
                  env: [{name: A, value: s3cret}]
                  interactiveMode: IfAvailable
                  provideClusterInfo: true
            """);

        var exec = Resolve(file).User.Exec!;

        Assert.Equal((Path.Combine(_folder.Path, "./login"), "--a 1"), (exec.Command, string.Join(' ', exec.Arguments)));
        Assert.Equal($$$$"""{"interactive":false,"cluster":{"server":"https://api.test","insecure-skip-tls-verify":false,"certificate-authority-data":"{{{{Base64("AUTHORITY")}}}}","config":{"audience":"x","retries":3,"strict":true,"quoted":"7"}}}""", exec.Information.ToJsonString());
        Assert.DoesNotContain("s3cret", exec.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_pod_uses_its_service_account_where_there_is_no_kubeconfig()
    {
        _folder.Write("account/token", "t");
        _folder.Write("account/ca.crt", "AUTHORITY");
        _folder.Write("account/namespace", "registry\n");
        var options = new ClusterOptions { Environment = new Dictionary<string, string> { ["HOME"] = _folder.Path, ["KUBERNETES_SERVICE_HOST"] = "fd00::1", ["KUBERNETES_SERVICE_PORT"] = "6443" } };

        var settings = SettingsResolver.Resolve(options, Path.Combine(_folder.Path, "account"));

        Assert.Equal(("https://[fd00::1]:6443/", "registry", "AUTHORITY", null), (settings.Server.AbsoluteUri, settings.Namespace, settings.Authorities, settings.Context));
        Assert.Equal(Path.Combine(_folder.Path, "account", "token"), settings.User.TokenFile);
    }

    [Fact]
    public void Elsewhere_it_says_what_is_missing()
    {
        var nothing = new ClusterOptions { Environment = new Dictionary<string, string> { ["HOME"] = _folder.Path } };
        Assert.Contains("There is no kubeconfig", Assert.Throws<ClusterException>(() => SettingsResolver.Resolve(nothing, _folder.Path)).Message, StringComparison.Ordinal);
        Assert.Contains("This is no pod", Assert.Throws<ClusterException>(() => SettingsResolver.Resolve(nothing with { InCluster = true }, _folder.Path)).Message, StringComparison.Ordinal);
        Assert.Contains("Give one of them", Assert.Throws<ClusterException>(() => SettingsResolver.Resolve(nothing with { InCluster = true, Server = new Uri("https://a") }, _folder.Path)).Message, StringComparison.Ordinal);
        Assert.Contains("Leave out -Context", Assert.Throws<ClusterException>(() => SettingsResolver.Resolve(nothing with { Context = "a", Server = new Uri("https://a") }, _folder.Path)).Message, StringComparison.Ordinal);
    }

    private static ClusterSettings Resolve(string file, string? context = null) => SettingsResolver.Resolve(new ClusterOptions { KubeConfig = [file], Context = context });

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
