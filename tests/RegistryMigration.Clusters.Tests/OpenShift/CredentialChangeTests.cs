using System.Text;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.OpenShift;
using RegistryMigration.Clusters.OpenShift.Credentials;
using RegistryMigration.Clusters.OpenShift.Reading;
using RegistryMigration.Clusters.Tests.OpenShift.Support;
using RegistryMigration.Clusters.Tests.Support;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Tests.OpenShift;

public sealed class CredentialChangeTests
{
    private const string Hidden = "t0p-secret";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_secret_is_made_with_the_keys_that_the_operator_reads()
    {
        using var cluster = SampleRegistry.OnVolume();

        var done = await new CredentialChange(CredentialKeys.OfS3("AKIA", new Secret(Hidden)), removeOther: false).ApplyAsync(cluster, Token);

        Assert.True(done is { Created: true, Applied: true, Backend: BackendKind.S3 });
        Assert.Equal(("AKIA", Hidden), (Value(cluster, "REGISTRY_STORAGE_S3_ACCESSKEY"), Value(cluster, "REGISTRY_STORAGE_S3_SECRETKEY")));
        Assert.DoesNotContain(Hidden, done.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trying_changes_nothing()
    {
        using var cluster = SampleRegistry.OnVolume();

        var plan = await new CredentialChange(CredentialKeys.OfSwift("user", new Secret(Hidden)), removeOther: true).TryAsync(cluster, Token);

        Assert.Equal(["REGISTRY_STORAGE_SWIFT_PASSWORD", "REGISTRY_STORAGE_SWIFT_USERNAME"], plan.Written);
        Assert.False(plan.Applied);
        Assert.Empty(cluster.Changes);
    }

    [Fact]
    public async Task Keys_of_another_storage_stay_and_are_told_until_asked_to_go()
    {
        using var cluster = SampleRegistry.OnVolume();
        cluster.Put(ResourceTypes.Secrets, SampleRegistry.Namespace, ImageRegistryNames.UserSecret, """{"data":{"REGISTRY_STORAGE_S3_ACCESSKEY":"eA==","own":"eQ=="}}""");
        var keys = CredentialKeys.OfSwift("user", new Secret(Hidden));

        var first = await new CredentialChange(keys, removeOther: false).ApplyAsync(cluster, Token);
        Assert.Equal(["REGISTRY_STORAGE_S3_ACCESSKEY"], first.Leftover);
        Assert.Contains(CredentialChange.Warnings(first, Storage(cluster)), warning => warning.Contains("-RemoveOther", StringComparison.Ordinal));
        Assert.Equal("x", Value(cluster, "REGISTRY_STORAGE_S3_ACCESSKEY"));

        var second = await new CredentialChange(keys, removeOther: true).ApplyAsync(cluster, Token);
        Assert.Equal(["REGISTRY_STORAGE_S3_ACCESSKEY"], second.Removed);
        Assert.Null(Value(cluster, "REGISTRY_STORAGE_S3_ACCESSKEY"));
        Assert.Equal(("y", "user"), (Value(cluster, "own"), Value(cluster, "REGISTRY_STORAGE_SWIFT_USERNAME")));
    }

    [Fact]
    public async Task Another_way_to_log_in_to_the_same_storage_replaces_the_first()
    {
        using var cluster = SampleRegistry.OnVolume();
        await new CredentialChange(CredentialKeys.OfSwift("user", new Secret(Hidden)), removeOther: false).ApplyAsync(cluster, Token);

        var done = await new CredentialChange(CredentialKeys.OfSwift("id", "name", new Secret(Hidden)), removeOther: false).ApplyAsync(cluster, Token);

        Assert.Equal(["REGISTRY_STORAGE_SWIFT_PASSWORD", "REGISTRY_STORAGE_SWIFT_USERNAME"], done.Removed);
        Assert.Equal(
            ["REGISTRY_STORAGE_SWIFT_APPLICATIONCREDENTIALID", "REGISTRY_STORAGE_SWIFT_APPLICATIONCREDENTIALNAME", "REGISTRY_STORAGE_SWIFT_APPLICATIONCREDENTIALSECRET"],
            cluster.Peek(ResourceTypes.Secrets, SampleRegistry.Namespace, ImageRegistryNames.UserSecret)!.Section("data")!.Select(pair => pair.Key).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_same_credentials_again_write_nothing()
    {
        using var cluster = SampleRegistry.OnVolume();
        var change = new CredentialChange(CredentialKeys.OfSwiftToken(new Secret(Hidden)), removeOther: false);
        await change.ApplyAsync(cluster, Token);
        var writes = cluster.Changes.Count();

        Assert.False((await change.ApplyAsync(cluster, Token)).Applied);
        Assert.Equal(writes, cluster.Changes.Count());
    }

    [Fact]
    public async Task Somebody_elses_change_at_the_same_time_is_a_conflict()
    {
        using var cluster = SampleRegistry.OnVolume();
        cluster.Put(ResourceTypes.Secrets, SampleRegistry.Namespace, ImageRegistryNames.UserSecret, "{}");
        cluster.Before = request =>
        {
            if (request.Verb == "patch")
                cluster.Edit(ResourceTypes.Secrets, SampleRegistry.Namespace, ImageRegistryNames.UserSecret, secret => secret["data"] = new System.Text.Json.Nodes.JsonObject { ["theirs"] = "eA==" });
            return Task.CompletedTask;
        };

        var error = await Assert.ThrowsAsync<ClusterException>(() => new CredentialChange(CredentialKeys.OfS3("a", new Secret(Hidden)), removeOther: false).ApplyAsync(cluster, Token));

        Assert.Equal(ClusterErrorKind.Conflict, error.Kind);
        Assert.DoesNotContain(Hidden, error.ToString(), StringComparison.Ordinal);
        Assert.Equal("x", Value(cluster, "theirs"));
    }

    [Fact]
    public async Task A_secret_without_data_is_filled()
    {
        using var cluster = SampleRegistry.OnVolume();
        cluster.Put(ResourceTypes.Secrets, SampleRegistry.Namespace, ImageRegistryNames.UserSecret, "{}");

        await new CredentialChange(CredentialKeys.OfS3("a", new Secret(Hidden)), removeOther: false).ApplyAsync(cluster, Token);

        Assert.Equal(Hidden, Value(cluster, "REGISTRY_STORAGE_S3_SECRETKEY"));
    }

    [Fact]
    public async Task What_follows_from_the_storage_that_is_configured_is_said()
    {
        using var volume = SampleRegistry.OnVolume();
        var change = new CredentialChange(CredentialKeys.OfSwift("user", new Secret(Hidden)), removeOther: false);
        Assert.Contains("after a switch only", Assert.Single(CredentialChange.Warnings(await change.TryAsync(volume, Token), Storage(volume))), StringComparison.Ordinal);

        using var swift = SampleRegistry.On("""{"swift":{"container":"c"}}""");
        Assert.Contains("-SwiftAuthUrl", Assert.Single(CredentialChange.Warnings(await change.TryAsync(swift, Token), Storage(swift))), StringComparison.Ordinal);

        using var complete = SampleRegistry.On("""{"swift":{"container":"c","authURL":"https://keystone"}}""");
        Assert.Empty(CredentialChange.Warnings(await change.TryAsync(complete, Token), Storage(complete)));
    }

    [Fact]
    public void A_stores_credentials_become_keys()
    {
        Assert.Equal(
            ["REGISTRY_STORAGE_S3_ACCESSKEY", "REGISTRY_STORAGE_S3_SECRETKEY"],
            CredentialKeys.Of(new RegistryStore("s3://b") { S3 = new S3Options { AccessKey = "a", SecretKey = new Secret(Hidden) } }).Values.Keys);
        var swift = new SwiftOptions { AuthUrl = new Uri("https://keystone.test/v3"), UserName = "u", Password = new Secret(Hidden), ProjectName = "p" };
        Assert.Equal(["REGISTRY_STORAGE_SWIFT_USERNAME", "REGISTRY_STORAGE_SWIFT_PASSWORD"], CredentialKeys.Of(new RegistryStore("swift://c") { Swift = swift }).Values.Keys);
        var application = new SwiftOptions { AuthUrl = new Uri("https://keystone.test/v3"), ApplicationCredentialId = "i", ApplicationCredentialName = "n", ApplicationCredentialSecret = new Secret(Hidden) };
        var keys = CredentialKeys.Of(new RegistryStore("swift://c") { Swift = application });
        Assert.Equal(3, keys.Values.Count);
        Assert.DoesNotContain(Hidden, keys.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Stores_whose_credentials_the_registry_can_not_use_are_refused()
    {
        Refused(new RegistryStore("/srv/registry"), "a directory");
        Refused(new RegistryStore("s3://b"), "AWS configuration of this machine");
        Refused(new RegistryStore("s3://b") { S3 = new S3Options { AccessKey = "a", SecretKey = new Secret(Hidden), RoleArn = "arn:aws:iam::1:role/r" } }, "role/r, which the registry can't take on");
        Refused(new RegistryStore("s3://b") { S3 = new S3Options { AccessKey = "a", SecretKey = new Secret(Hidden), SessionToken = new Secret(Hidden) } }, "temporary");
        Refused(new RegistryStore("swift://c") { Swift = new SwiftOptions { AuthUrl = new Uri("https://keystone.test/v3"), ApplicationCredentialId = "i", ApplicationCredentialSecret = new Secret(Hidden) } }, "both its id and its name");
    }

    private static void Refused(RegistryStore store, string part)
    {
        var error = Assert.Throws<FormatException>(() => CredentialKeys.Of(store));
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Hidden, error.Message, StringComparison.Ordinal);
    }

    private static ImageRegistryStorage Storage(FakeKubernetes cluster) => StorageReader.Read(cluster.Peek(OpenShiftTypes.Configs, null, "cluster")!.Section("spec", "storage"));

    private static string? Value(FakeKubernetes cluster, string key) =>
        cluster.Peek(ResourceTypes.Secrets, SampleRegistry.Namespace, ImageRegistryNames.UserSecret)!.Text("data", key) is { } text ? Encoding.UTF8.GetString(Convert.FromBase64String(text)) : null;
}
