using RegistryMigration.Worker.Tests.Support;

namespace RegistryMigration.Worker.Tests.Runs;

public sealed class SecretTests(SampleFixture sample) : IDisposable
{
    private const string Secret = "hunter2-5f0c1f";

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("s3://bucket", "--destination-endpoint", "http://127.0.0.1:1", "--destination-access-key", "key")]
    [InlineData("swift://container", "--destination-auth-url", "http://127.0.0.1:1/v3", "--destination-user-name", "user")]
    [InlineData("swift://container", "--destination-auth-url", "http://127.0.0.1:1/auth/v1.0", "--destination-user-name", "a:user")]
    public async Task A_failing_run_shows_its_secrets_nowhere(string destination, params string[] arguments)
    {
        var environment = new Dictionary<string, string>
        {
            ["REGISTRYMIGRATION_DESTINATION_SECRET_KEY"] = Secret,
            ["REGISTRYMIGRATION_DESTINATION_SESSION_TOKEN"] = Secret,
            ["REGISTRYMIGRATION_DESTINATION_PASSWORD"] = Secret,
            ["OS_PASSWORD"] = Secret,
        };
        var answer = await WorkerProcess.RunAsync(environment, [
            "sync", "--source", sample.Path, "--destination", destination, .. arguments,
            "--retry-attempts", "2", "--json", "--verbose", "--progress-file", _directory["progress"]]);
        answer.Expect(1);
        Assert.NotEmpty(answer.Error);
        AssertAbsent(answer);
        Assert.DoesNotContain(Secret, await File.ReadAllTextAsync(_directory["progress"], TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sync", "--source", "a", "--destination", "s3://abc", "--destination-secret-key", Secret)]
    [InlineData("sync", "--source", "a", "--destination", "s3://abc", "--destination-secret-key=" + Secret)]
    [InlineData("sync", "--source", "a", "--destination", "s3://abc", "--destination-secretkey", Secret)]
    [InlineData("sync", "--source", "a", "--destination", "s3://abc", "--destination-secretkey=" + Secret)]
    [InlineData("sync", "--source", "a", "--destination", "swift://abc", "--destination-auth-url", "https://user:" + Secret + "@host/v3")]
    public async Task A_secret_in_an_argument_is_refused_and_not_repeated(params string[] arguments) =>
        AssertAbsent((await WorkerProcess.RunAsync(arguments)).Expect(2));

    private static void AssertAbsent(WorkerAnswer answer)
    {
        Assert.DoesNotContain(Secret, answer.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, answer.Error, StringComparison.Ordinal);
    }
}
