using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes.Changes;
using RegistryMigration.Clusters.OpenShift;
using RegistryMigration.Clusters.OpenShift.Changes;
using RegistryMigration.Clusters.Tests.OpenShift.Support;
using RegistryMigration.Clusters.Tests.Support;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Tests.OpenShift;

public sealed class SettingsChangeTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_setting_has_its_field_and_its_type()
    {
        using var cluster = SampleRegistry.On("""{"managementState":"Unmanaged","s3":{"bucket":"b"}}""");

        var outcome = await ApplyAsync(cluster, new RegistrySettings
        {
            Replicas = 3,
            RolloutStrategy = "RollingUpdate",
            ProxyHttp = "http://proxy:80",
            ProxyHttps = "http://proxy:443",
            NoProxy = "svc,local",
            Read = new RequestLimitSettings(10, 20, TimeSpan.FromMinutes(2)),
            Write = new RequestLimitSettings(1, 2, TimeSpan.FromSeconds(90)),
            DefaultRoute = true,
            Routes = [new CustomRoute("public", "registry.example.com", "tls")],
            DisableRedirect = true,
            LogLevel = "Debug",
            OperatorLogLevel = "Trace",
            NodeSelector = new Dictionary<string, string> { ["infra"] = "" },
            Tolerations = [Toleration.Parse("infra:NoSchedule")],
            S3 = new Dictionary<string, JsonNode?> { ["region"] = "eu-central-1", ["encrypt"] = true, ["chunkSizeMiB"] = 32 },
            StorageManagementState = "Unmanaged",
        });

        Assert.Equal(
            [
                "spec.defaultRoute: (none) → true", "spec.disableRedirect: (none) → true", "spec.logLevel: Normal → Debug", """spec.nodeSelector: (none) → {"infra":""}""",
                "spec.operatorLogLevel: (none) → Trace", "spec.proxy.http: (none) → http://proxy:80", "spec.proxy.https: (none) → http://proxy:443", "spec.proxy.noProxy: (none) → svc,local",
                "spec.replicas: 1 → 3", "spec.requests.read.maxInQueue: (none) → 20", "spec.requests.read.maxRunning: (none) → 10", "spec.requests.read.maxWaitInQueue: (none) → 2m0s",
                "spec.requests.write.maxInQueue: (none) → 2", "spec.requests.write.maxRunning: (none) → 1", "spec.requests.write.maxWaitInQueue: (none) → 1m30s",
                "spec.rolloutStrategy: Recreate → RollingUpdate", """spec.routes: (none) → [{"name":"public","hostname":"registry.example.com","secretName":"tls"}]""",
                "spec.storage.s3.chunkSizeMiB: (none) → 32", "spec.storage.s3.encrypt: (none) → true", "spec.storage.s3.region: (none) → eu-central-1",
                """spec.tolerations: (none) → [{"operator":"Exists","key":"infra","effect":"NoSchedule"}]""",
            ],
            outcome.Changes.Select(change => change.ToString().Replace("""spec.nodeSelector.infra: (none) → """, """spec.nodeSelector: (none) → {"infra":""}""", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Empty_values_remove_settings()
    {
        using var cluster = SampleRegistry.On("""{"s3":{"bucket":"b","regionEndpoint":"https://s3"}}""");
        cluster.Edit(OpenShiftTypes.Configs, null, "cluster", config =>
        {
            config["spec"]!["proxy"] = JsonNode.Parse("""{"http":"http://proxy"}""");
            config["spec"]!["nodeSelector"] = JsonNode.Parse("""{"a":"b"}""");
            config["spec"]!["tolerations"] = JsonNode.Parse("""[{"operator":"Exists"}]""");
            config["spec"]!["routes"] = JsonNode.Parse("""[{"name":"public"}]""");
        });

        var outcome = await ApplyAsync(cluster, new RegistrySettings
        {
            ProxyHttp = "",
            ProxyHttps = "",
            NodeSelector = new Dictionary<string, string>(),
            Tolerations = [],
            RemovedRoutes = ["public"],
            S3 = new Dictionary<string, JsonNode?> { ["regionEndpoint"] = null },
        });

        var spec = outcome.After.Section("spec")!;
        Assert.Null(spec["proxy"]!["http"]);
        Assert.False(spec.ContainsKey("nodeSelector"));
        Assert.False(spec.ContainsKey("tolerations"));
        Assert.False(spec.ContainsKey("routes"));
        Assert.Equal("""{"bucket":"b"}""", spec["storage"]!["s3"]!.ToJsonString());
    }

    [Fact]
    public async Task A_route_of_the_same_name_is_replaced_and_others_stay()
    {
        using var cluster = SampleRegistry.OnVolume();
        cluster.Edit(OpenShiftTypes.Configs, null, "cluster", config => config["spec"]!["routes"] = JsonNode.Parse("""[{"name":"a","hostname":"a.test"},{"name":"b","hostname":"b.test"}]"""));

        var outcome = await ApplyAsync(cluster, new RegistrySettings { Routes = [new CustomRoute("a", "new.test", null), new CustomRoute("c", null, null)] });

        Assert.Equal("""[{"name":"a","hostname":"new.test"},{"name":"b","hostname":"b.test"},{"name":"c"}]""", outcome.After.At("spec", "routes")!.ToJsonString());
    }

    [Theory]
    [InlineData("default-route", "default-route")]
    [InlineData("a", "given twice")]
    public void Routes_that_make_the_operator_refuse_everything_are_refused_here(string name, string expected)
    {
        using var cluster = SampleRegistry.OnVolume();
        var settings = new RegistrySettings { Routes = [new CustomRoute(name, null, null), new CustomRoute("a", null, null)] };

        Assert.Contains(expected, Assert.Throws<FormatException>(() => Of(cluster, settings)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_duration_written_in_another_way_is_no_change()
    {
        using var cluster = SampleRegistry.OnVolume();
        cluster.Edit(OpenShiftTypes.Configs, null, "cluster", config => config["spec"]!["requests"] = JsonNode.Parse("""{"read":{"maxRunning":1,"maxWaitInQueue":"120s"}}"""));

        Assert.True(Of(cluster, new RegistrySettings { Read = new RequestLimitSettings(MaxWaitInQueue: TimeSpan.FromMinutes(2)) }).Change.IsEmpty);
    }

    [Fact]
    public void A_wait_without_a_limit_has_no_effect_and_that_is_said()
    {
        using var cluster = SampleRegistry.OnVolume();

        Assert.Contains("no effect", Assert.Single(Of(cluster, new RegistrySettings { Write = new RequestLimitSettings(MaxWaitInQueue: TimeSpan.FromSeconds(1)) }).Warnings), StringComparison.Ordinal);
        Assert.Empty(Of(cluster, new RegistrySettings { Write = new RequestLimitSettings(5, null, TimeSpan.FromSeconds(1)) }).Warnings);
    }

    [Fact]
    public void Settings_of_another_storage_type_are_refused()
    {
        using var cluster = SampleRegistry.OnVolume();

        var error = Assert.Throws<ClusterException>(() => Of(cluster, new RegistrySettings { S3 = new Dictionary<string, JsonNode?> { ["bucket"] = "b" }, Force = true }));

        Assert.Equal(ClusterErrorKind.Precondition, error.Kind);
        Assert.Contains("Switch-RegistryBackend", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_registry_without_storage_takes_its_first()
    {
        using var cluster = SampleRegistry.On("{}");

        var outcome = await ApplyAsync(cluster, new RegistrySettings { Swift = new Dictionary<string, JsonNode?> { ["container"] = "c" } });

        Assert.Equal("""{"swift":{"container":"c"}}""", outcome.After.Section("spec", "storage")!.ToJsonString());
    }

    [Fact]
    public void Another_bucket_leaves_the_images_behind_and_needs_force()
    {
        using var cluster = SampleRegistry.On("""{"s3":{"bucket":"old"}}""");
        var other = new RegistrySettings { S3 = new Dictionary<string, JsonNode?> { ["bucket"] = "new" } };

        Assert.Contains("images are in old", Assert.Throws<ClusterException>(() => Of(cluster, other)).Message, StringComparison.Ordinal);
        Assert.Contains("images are in old", Assert.Single(Of(cluster, other with { Force = true }).Warnings), StringComparison.Ordinal);
        Assert.Empty(Of(cluster, new RegistrySettings { S3 = new Dictionary<string, JsonNode?> { ["bucket"] = "old", ["region"] = "r" } }).Warnings);
    }

    [Fact]
    public void Giving_the_storage_to_the_operator_warns_of_what_it_may_delete()
    {
        using var cluster = SampleRegistry.OnVolume();

        Assert.Contains("deletes all images", Assert.Single(Of(cluster, new RegistrySettings { StorageManagementState = "Managed" }).Warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("key=value:NoSchedule", """{"operator":"Equal","key":"key","value":"value","effect":"NoSchedule"}""")]
    [InlineData("key:NoExecute", """{"operator":"Exists","key":"key","effect":"NoExecute"}""")]
    [InlineData("node-role.kubernetes.io/infra", """{"operator":"Exists","key":"node-role.kubernetes.io/infra"}""")]
    [InlineData("*", """{"operator":"Exists"}""")]
    [InlineData("key=:NoSchedule", """{"operator":"Equal","key":"key","value":"","effect":"NoSchedule"}""")]
    public void Tolerations_are_read(string text, string json) => Assert.Equal(json, Toleration.Parse(text).ToJson().ToJsonString());

    [Theory]
    [InlineData("")]
    [InlineData("=value:NoSchedule")]
    [InlineData("key:Sometimes")]
    [InlineData("*=value")]
    public void What_is_no_toleration_is_refused(string text) => Assert.Throws<FormatException>(() => Toleration.Parse(text));

    private static SettingsChange Of(FakeKubernetes cluster, RegistrySettings settings) => SettingsChange.Of(settings, cluster.Peek(OpenShiftTypes.Configs, null, "cluster")!);

    private static async Task<ConfigOutcome> ApplyAsync(FakeKubernetes cluster, RegistrySettings settings) => await Of(cluster, settings).Change.ApplyAsync(cluster, TimeProvider.System, Token);
}
