using System.Reflection;
using System.Text.RegularExpressions;
using RegistryMigration.Model;
using RegistryMigration.Worker.Configuration;
using RegistryMigration.Worker.Tests.Support;

namespace RegistryMigration.Worker.Tests.Configuration;

public sealed partial class StoreSettingsTests
{
    private static readonly Dictionary<string, string> OpenStack = new() { ["OS_CLOUD"] = "production" };

    [Fact]
    public void Every_option_of_a_store_can_be_given()
    {
        var names = new StoreSettings("source").All.Select(setting => setting.Name).ToHashSet();
        var expected = Properties<S3Options>().Concat(Properties<SwiftOptions>()).Except(["environment"])
            .Concat(["layout", "root", "certificate-authority", "skip-certificate-check"])
            .Select(property => $"source-{property}");
        Assert.Subset(names, expected.ToHashSet());
    }

    [Fact]
    public void Every_option_of_a_sync_can_be_given()
    {
        var names = new SyncSettings().All.Select(setting => setting.Name).ToHashSet();
        var expected = Properties<SyncOptions>().Except(["shard", "retry", "is-filtered"]).Append("shards").Concat(Properties<RetryOptions>().Select(property => $"retry-{property}"));
        Assert.Subset(names, expected.ToHashSet());
    }

    [Fact]
    public void Every_option_of_an_audit_can_be_given()
    {
        var names = new AuditSettings().All.Select(setting => setting.Name).ToHashSet();
        Assert.Subset(names, Properties<AuditOptions>().Except(["retry"]).ToHashSet());
    }

    [Fact]
    public void A_store_is_what_was_described()
    {
        var store = Read([
            "--source", "s3://images/prod", "--source-endpoint", "https://s3.example.org:9000", "--source-region", "north", "--source-path-style", "false", "--source-profile", "mover", "--source-role-arn", "arn:aws:iam::1:role/mover",
            "--source-part-size", "32MiB", "--source-layout", "quay", "--source-root", "datastorage/registry", "--source-certificate-authority", "/etc/ca.pem", "--source-cloud", "other"]);
        Assert.Equal("s3://images/prod", store.ToString());
        Assert.Equal(new Uri("https://s3.example.org:9000"), store.S3.Endpoint);
        Assert.Equal("north", store.S3.Region);
        Assert.Equal("north", store.Swift.Region);
        Assert.False(store.S3.PathStyle);
        Assert.Equal("mover", store.S3.Profile);
        Assert.Equal("arn:aws:iam::1:role/mover", store.S3.RoleArn);
        Assert.Equal(32L << 20, store.S3.PartSize);
        Assert.Equal(LayoutKind.Quay, store.Layout);
        Assert.Equal("datastorage/registry", store.Root);
        Assert.Equal("/etc/ca.pem", store.Tls.CertificateAuthorityPath);
        Assert.Equal("other", store.Swift.Cloud);
        Assert.Same(OpenStack, store.Swift.Environment);
    }

    [Fact]
    public void A_missing_address_is_asked_for() =>
        Assert.Contains("--source ADDRESS", Assert.Throws<UsageException>(() => Read([])).Message, StringComparison.Ordinal);

    [Fact]
    public void Secrets_come_from_the_environment_from_files_and_from_the_configuration_but_no_argument()
    {
        using var directory = new TemporaryDirectory();
        var secret = directory.Write("secret", "from-file\n");
        var configuration = directory.Write("file.json", """{ "source-secret-key": "from-configuration" }""");
        var variable = new Dictionary<string, string> { ["REGISTRYMIGRATION_SOURCE_SECRET_KEY"] = "from-environment" };
        var variableFile = new Dictionary<string, string> { ["REGISTRYMIGRATION_SOURCE_SECRET_KEY_FILE"] = secret };
        string? SecretOf(string[] arguments, Dictionary<string, string>? environment) => Read(["--source", "s3://abc", .. arguments], environment, configuration).S3.SecretKey?.Reveal();

        Assert.Equal("from-file", SecretOf(["--source-secret-key-file", secret], variable));
        Assert.Equal("from-environment", SecretOf([], variable));
        Assert.Equal("from-file", SecretOf([], variableFile));
        Assert.Equal("from-configuration", SecretOf([], null));
        var refusal = Assert.Throws<UsageException>(() => SecretOf(["--source-secret-key", "hunter2"], null));
        Assert.DoesNotContain("hunter2", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("--source-secret-key-file", refusal.Message, StringComparison.Ordinal);
    }

    private static RegistryStore Read(string[] arguments, Dictionary<string, string>? environment = null, string? file = null)
    {
        var settings = new StoreSettings("source");
        return settings.Read(Given.Values(settings, arguments, environment, file), OpenStack);
    }

    private static IEnumerable<string> Properties<T>() =>
        typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(property => WordStart().Replace(property.Name, "-$0").ToLowerInvariant());

    [GeneratedRegex("(?<!^)[A-Z]")]
    private static partial Regex WordStart();
}
