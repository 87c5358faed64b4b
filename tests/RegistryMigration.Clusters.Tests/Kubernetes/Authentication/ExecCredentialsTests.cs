using RegistryMigration.Clusters.Kubernetes.Authentication;
using RegistryMigration.Clusters.Kubernetes.Configuration;
using RegistryMigration.Clusters.Tests.Support;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Tests.Kubernetes.Authentication;

public sealed class ExecCredentialsTests : IDisposable
{
    private const string Version = "client.authentication.k8s.io/v1";

    private readonly TemporaryFolder _folder = new();
    private readonly ManualTime _time = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_token_is_asked_for_once_until_it_expires()
    {
        using var credentials = Plugin("""
            echo x >> "$COUNT"
            echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"t'$(wc -l < "$COUNT")'","expirationTimestamp":"2026-01-01T13:00:00Z"}}'
            """);

        Assert.Equal("t1", (await credentials.GetAsync(Token)).Authorization?.Parameter);
        Assert.Equal("t1", (await credentials.GetAsync(Token)).Authorization?.Parameter);
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal("t2", (await credentials.GetAsync(Token)).Authorization?.Parameter);
    }

    [Fact]
    public async Task A_refused_token_is_renewed_once_for_all_who_had_it()
    {
        using var credentials = Plugin("""
            echo x >> "$COUNT"
            echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"t'$(wc -l < "$COUNT")'"}}'
            """);
        var refused = await credentials.GetAsync(Token);

        Assert.True(await credentials.RenewAsync(refused, Token));
        Assert.True(await credentials.RenewAsync(refused, Token));

        Assert.Equal("t2", (await credentials.GetAsync(Token)).Authorization?.Parameter);
    }

    [Fact]
    public async Task The_program_gets_arguments_environment_and_information_and_no_input()
    {
        using var credentials = Plugin("""
            input=$(cat)
            echo "{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",\"status\":{\"token\":\"$1,$GIVEN,$INHERITED,$input,$(echo "$KUBERNETES_EXEC_INFO" | grep -c '"spec":{"interactive":false}')\"}}"
            """, "two words");
        Assert.Equal("two words,g,i,,1", (await credentials.GetAsync(Token)).Authorization?.Parameter);
    }

    [Theory]
    [InlineData("echo 'no s3cret here' >&2; echo s3cret-token; exit 7", "ended with code 7: no s3cret here")]
    [InlineData("echo '{\"token\":\"s3cret-token\"'", "it wrote no JSON")]
    [InlineData("echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1beta1\",\"status\":{\"token\":\"s3cret-token\"}}'", "no ExecCredential of version")]
    [InlineData("echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1\",\"status\":{}}'", "neither a token nor a certificate")]
    [InlineData("echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1\",\"status\":{\"clientCertificateData\":\"s3cret-token\"}}'", "without its key")]
    [InlineData("echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1\",\"status\":{\"token\":\"s3cret-token\",\"expirationTimestamp\":\"soon\"}}'", "is no time")]
    public async Task What_it_does_wrong_is_told_without_its_output(string script, string message)
    {
        using var credentials = Plugin(script);
        var error = await Assert.ThrowsAsync<ClusterException>(async () => await credentials.GetAsync(Token));
        Assert.Equal(ClusterErrorKind.Unauthenticated, error.Kind);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret-token", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_that_is_not_there_brings_its_install_hint()
    {
        using var credentials = new ExecCredentials(new ExecPlugin(Settings("missing-login", []), "user 'u'", _time), null, "user 'u'", _time);
        var error = await Assert.ThrowsAsync<ClusterException>(async () => await credentials.GetAsync(Token));
        Assert.Equal(ClusterErrorKind.Configuration, error.Kind);
        Assert.Contains("'missing-login': it is not installed. Get it from example.com", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_that_waits_is_ended_with_the_request()
    {
        using var credentials = Plugin("echo $$ > \"$COUNT\"; sleep 60");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var asking = credentials.GetAsync(stop.Token).AsTask();
        var pid = Path.Combine(_folder.Path, "count");
        while (!File.Exists(pid) || new FileInfo(pid).Length == 0)
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Token);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        var process = (await File.ReadAllTextAsync(pid, Token)).Trim();
        while (Directory.Exists($"/proc/{process}") && !(await File.ReadAllTextAsync($"/proc/{process}/stat", Token)).Contains(") Z", StringComparison.Ordinal))
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Token);
    }

    private ExecCredentials Plugin(string script, params string[] arguments) =>
        new(new ExecPlugin(Settings(_folder.WriteProgram("login", script), arguments), "user 'u'", TimeProvider.System), null, "user 'u'", _time);

    private ExecSettings Settings(string command, string[] arguments) => new()
    {
        Command = command,
        Arguments = arguments,
        ApiVersion = Version,
        InstallHint = "Get it from example.com",
        Variables = [KeyValuePair.Create("COUNT", new Secret(Path.Combine(_folder.Path, "count"))), KeyValuePair.Create("GIVEN", new Secret("g"))],
        Environment = new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin", ["INHERITED"] = "i" },
        Information = new System.Text.Json.Nodes.JsonObject { ["interactive"] = false },
    };
}
