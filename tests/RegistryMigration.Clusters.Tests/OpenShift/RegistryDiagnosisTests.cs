using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.OpenShift;
using RegistryMigration.Clusters.OpenShift.Diagnosis;
using RegistryMigration.Clusters.Tests.OpenShift.Support;
using RegistryMigration.Clusters.Tests.Support;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Tests.OpenShift;

public sealed class RegistryDiagnosisTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_healthy_registry_passes_in_the_order_of_the_diagnosis()
    {
        using var cluster = Sample();
        cluster.Edit(OpenShiftTypes.Configs, null, "cluster", config => config["spec"]!["defaultRoute"] = true);
        SampleRegistry.Reconcile(cluster);

        var checks = await RunAsync(cluster);

        Assert.Equal(
            [
                "ClusterOperator", "OperatorDeployment", "OperatorPods", "OperatorLog", "Configuration", "RegistryDeployment", "RegistryPods", "RegistryLog", "Events", "Storage", "Credentials", "Route", "Pull",
            ],
            checks.Select(check => check.Name));
        Assert.Equal(Enumerable.Range(1, 13), checks.Select(check => check.Order));
        Assert.All(checks.SkipLast(1), check => Assert.True(check.Status == CheckStatus.Passed, $"{check}: {string.Join("; ", check.Evidence)}"));
        Assert.Equal(CheckStatus.Skipped, checks[^1].Status);
        Assert.All(checks, check => Assert.NotEmpty(check.Evidence));
        Assert.Empty(cluster.Changes);
    }

    [Fact]
    public async Task What_is_wrong_always_names_the_next_step()
    {
        using var cluster = new FakeKubernetes();

        var checks = await RunAsync(cluster);

        Assert.Contains(checks, check => check is { Name: "Configuration", Status: CheckStatus.Failed });
        Assert.All(checks.Where(check => check.Status is CheckStatus.Failed or CheckStatus.Warning), check => Assert.False(string.IsNullOrEmpty(check.NextStep)));
    }

    [Fact]
    public async Task A_cluster_that_is_no_OpenShift_is_an_error_and_no_diagnosis()
    {
        using var cluster = new FakeKubernetes();
        cluster.NotServed.Add(OpenShiftTypes.Configs);

        Assert.Equal(ClusterErrorKind.NotServed, (await Assert.ThrowsAsync<ClusterException>(() => RunAsync(cluster))).Kind);
    }

    [Fact]
    public async Task Results_come_as_they_are_made()
    {
        using var cluster = Sample();

        await foreach (var check in RegistryDiagnosis.RunAsync(cluster, new DiagnosisOptions(), TimeProvider.System, Token))
        {
            Assert.Equal("ClusterOperator", check.Name);
            break;
        }

        Assert.DoesNotContain(cluster.Requests, request => request.Type == ResourceTypes.Pods);
    }

    [Fact]
    public async Task What_this_account_may_not_read_is_skipped_and_says_so()
    {
        using var cluster = Sample();
        cluster.Denied.UnionWith(["list events", "get secrets"]);

        var checks = await RunAsync(cluster);

        Assert.Equal(CheckStatus.Skipped, checks.Single(check => check.Name == "Events").Status);
        Assert.Contains("list events", checks.Single(check => check.Name == "Events").Evidence[0], StringComparison.Ordinal);
        Assert.Equal(CheckStatus.Skipped, checks.Single(check => check.Name == "Credentials").Status);
        Assert.Equal(CheckStatus.Passed, checks.Single(check => check.Name == "Storage").Status);
    }

    [Fact]
    public Task A_pruner_that_failed_is_no_fault_of_the_registry() => FindsAsync(
        cluster => SampleRegistry.TellOperator(cluster, "Degraded", true, "ImagePrunerJobFailed", "ImagePrunerDegraded: backoff limit"), "ClusterOperator", CheckStatus.Warning, "ImagePrunerJobFailed", "the image pruner");

    [Fact]
    public Task A_degraded_registry_is() => FindsAsync(
        cluster => SampleRegistry.Tell(cluster, ("Available", false, "NoReplicasAvailable", "no replicas"), ("Progressing", false, "", ""), ("Degraded", true, "Unavailable", "no replicas")), "ClusterOperator", CheckStatus.Failed, "Unavailable", "checks of the configuration");

    [Fact]
    public Task A_missing_clusteroperator_points_at_the_version_operator() => FindsAsync(
        cluster => cluster.Take(OpenShiftTypes.ClusterOperators, null, "image-registry"), "ClusterOperator", CheckStatus.Failed, "There is no clusteroperator", "cluster version operator");

    [Fact]
    public Task A_missing_operator_is_found() => FindsAsync(
        cluster => cluster.Take(ResourceTypes.Deployments, SampleRegistry.Namespace, ImageRegistryNames.OperatorDeployment), "OperatorDeployment", CheckStatus.Failed, "There is no deployment", "cluster version operator");

    [Fact]
    public Task An_operator_that_is_scaled_to_nothing_is_found() => FindsAsync(
        cluster => SampleRegistry.PutDeployment(cluster, ImageRegistryNames.OperatorDeployment, replicas: 0), "OperatorDeployment", CheckStatus.Warning, "scaled to nothing", "oc scale");

    [Theory]
    [InlineData("E0222 15:34:42.776028       1 controller.go:10] unable to sync: denied", CheckStatus.Warning)]
    [InlineData("F0222 15:34:42.776028       1 main.go:10] no", CheckStatus.Warning)]
    [InlineData("I0222 15:34:42.776028       1 main.go:24] Error budget: fine", CheckStatus.Passed)]
    [InlineData("E0222 15:34:42.776028       1 x.go:1] Operation cannot be fulfilled: the object has been modified", CheckStatus.Passed)]
    [InlineData("Every day", CheckStatus.Passed)]
    public Task Errors_in_the_operators_log_are_found(string line, CheckStatus status) => FindsAsync(
        cluster => cluster.Logs[$"{SampleRegistry.Namespace}/operator-1"] = ["I0222 x", line], "OperatorLog", status, status == CheckStatus.Passed ? "no error in the last 2 lines" : line);

    [Theory]
    [InlineData("""time="2026" level=error msg="s3aws: AccessDenied" """, CheckStatus.Warning)]
    [InlineData("panic: no storage", CheckStatus.Warning)]
    [InlineData("""time="2026" level=info msg="error handling is on" """, CheckStatus.Passed)]
    public Task Errors_in_the_registrys_log_are_found(string line, CheckStatus status) => FindsAsync(
        cluster => cluster.Logs[$"{SampleRegistry.Namespace}/registry-1"] = [line], "RegistryLog", status, status == CheckStatus.Passed ? "no error" : line);

    [Fact]
    public Task Configuration_without_storage_names_the_cmdlet() => FindsAsync(
        cluster => SampleRegistry.Tell(cluster, ("Available", false, "StorageNotConfigured", ""), ("Progressing", false, "Error", ""), ("Degraded", true, "StorageNotConfigured", "storage backend not configured")),
        "Configuration", CheckStatus.Failed, "StorageNotConfigured", "-S3Bucket");

    [Theory]
    [InlineData("Removed")]
    [InlineData("Unmanaged")]
    public Task A_registry_that_is_not_managed_is_told(string state) => FindsAsync(
        cluster => cluster.Edit(OpenShiftTypes.Configs, null, "cluster", config => config["spec"]!["managementState"] = state), "Configuration", CheckStatus.Warning, state, "Set-ImageRegistry -ManagementState Managed");

    [Fact]
    public Task An_operator_that_does_not_look_is_told() => FindsAsync(
        cluster => cluster.Edit(OpenShiftTypes.Configs, null, "cluster", config => config["spec"]!["logLevel"] = "Debug"), "Configuration", CheckStatus.Warning, "seen generation 1 of 2");

    [Theory]
    [InlineData("""{"phase":"Running","containerStatuses":[{"restartCount":9,"state":{"waiting":{"reason":"CrashLoopBackOff","message":"back-off"}}}]}""", CheckStatus.Failed, "CrashLoopBackOff", "credentials")]
    [InlineData("""{"phase":"Pending","containerStatuses":[{"state":{"waiting":{"reason":"ImagePullBackOff"}}}]}""", CheckStatus.Failed, "ImagePullBackOff", "pull the image")]
    [InlineData("""{"phase":"Pending","conditions":[{"type":"PodScheduled","status":"False","message":"0/3 nodes are available"}]}""", CheckStatus.Failed, "0/3 nodes", "No node fits")]
    [InlineData("""{"phase":"Running","conditions":[{"type":"Ready","status":"True"}],"containerStatuses":[{"restartCount":7,"state":{"running":{}}}]}""", CheckStatus.Warning, "restarted 7 times", "--previous")]
    [InlineData("""{"phase":"Running","conditions":[{"type":"Ready","status":"False","message":"probe failed"}]}""", CheckStatus.Failed, "probe failed", "events")]
    public Task Pods_that_do_not_come_up_are_found(string status, CheckStatus expected, string evidence, string nextStep) => FindsAsync(
        cluster => SampleRegistry.PutPod(cluster, "registry-1", "docker-registry", "default", status), "RegistryPods", expected, evidence, nextStep);

    [Fact]
    public Task Missing_pods_are_found() => FindsAsync(
        cluster => cluster.Take(ResourceTypes.Pods, SampleRegistry.Namespace, "registry-1"), "RegistryPods", CheckStatus.Failed, "docker-registry=default", "quota");

    [Fact]
    public Task A_missing_deployment_is_found() => FindsAsync(
        cluster => cluster.Take(ResourceTypes.Deployments, SampleRegistry.Namespace, "image-registry"), "RegistryDeployment", CheckStatus.Failed, "There is no deployment image-registry", "conditions of the configuration");

    [Fact]
    public Task New_warnings_are_found() => FindsAsync(
        cluster => cluster.Put(ResourceTypes.Events, SampleRegistry.Namespace, "e", $$$"""{"type":"Warning","reason":"FailedMount","message":"multi-attach","involvedObject":{"kind":"Pod","name":"registry-1"},"lastTimestamp":"{{{TimeProvider.System.GetUtcNow():O}}}"}"""),
        "Events", CheckStatus.Warning, "Pod registry-1: FailedMount: multi-attach");

    [Fact]
    public Task Old_warnings_and_good_news_are_not() => FindsAsync(
        cluster =>
        {
            cluster.Put(ResourceTypes.Events, SampleRegistry.Namespace, "old", """{"type":"Warning","reason":"FailedMount","involvedObject":{"kind":"Pod","name":"x"},"lastTimestamp":"2020-01-01T00:00:00Z"}""");
            cluster.Put(ResourceTypes.Events, SampleRegistry.Namespace, "good", $$$"""{"type":"Normal","reason":"Pulled","involvedObject":{"kind":"Pod","name":"x"},"lastTimestamp":"{{{TimeProvider.System.GetUtcNow():O}}}"}""");
        },
        "Events", CheckStatus.Passed, "No warning");

    [Fact]
    public Task A_claim_without_a_volume_is_found() => FindsAsync(
        cluster => cluster.Edit(ResourceTypes.Claims, SampleRegistry.Namespace, "image-registry-storage", claim => claim["status"]!["phase"] = "Pending"), "Storage", CheckStatus.Failed, "Pending", "provisioner");

    [Fact]
    public Task A_missing_claim_is_found() => FindsAsync(
        cluster => cluster.Take(ResourceTypes.Claims, SampleRegistry.Namespace, "image-registry-storage"), "Storage", CheckStatus.Failed, "There is no claim", "Make the claim");

    [Fact]
    public Task Replicas_that_a_volume_can_not_serve_are_found() => FindsAsync(
        cluster => cluster.Edit(OpenShiftTypes.Configs, null, "cluster", config => config["spec"]!["replicas"] = 2), "Storage", CheckStatus.Failed, "2 replicas", "-Replicas 1");

    [Fact]
    public Task A_strategy_that_a_volume_can_not_serve_is_found() => FindsAsync(
        cluster => cluster.Edit(OpenShiftTypes.Configs, null, "cluster", config => ((JsonObject)config["spec"]!).Remove("rolloutStrategy")), "Storage", CheckStatus.Failed, "not set", "Recreate");

    [Fact]
    public Task Two_storage_types_are_found() => FindsAsync(
        cluster => cluster.Edit(OpenShiftTypes.Configs, null, "cluster", config => config["spec"]!["storage"]!["swift"] = new JsonObject()), "Storage", CheckStatus.Failed, "2 storage types", "Take the wrong one out");

    [Fact]
    public Task Storage_that_does_not_exist_is_found() => FindsAsync(
        cluster => SampleRegistry.Tell(cluster, ("Available", true, "", ""), ("Progressing", true, "Error", ""), ("Degraded", false, "", ""), ("StorageExists", false, "AccessDenied", "403")), "Storage", CheckStatus.Failed, "StorageExists=False (AccessDenied)", "credentials");

    [Fact]
    public Task A_stray_secret_is_found() => FindsAsync(
        cluster => cluster.Put(ResourceTypes.Secrets, SampleRegistry.Namespace, ImageRegistryNames.UserSecret, """{"data":{"REGISTRY_STORAGE_S3_ACCESSKEY":"eA=="}}"""), "Credentials", CheckStatus.Warning, "REGISTRY_STORAGE_S3_ACCESSKEY", "Delete it");

    [Theory]
    [InlineData("""{"swift":{"container":"c","authURL":"https://k"}}""", """{"REGISTRY_STORAGE_S3_ACCESSKEY":"eA==","REGISTRY_STORAGE_S3_SECRETKEY":"eA=="}""", CheckStatus.Failed, "has not what Swift needs")]
    [InlineData("""{"swift":{"container":"c","authURL":"https://k"}}""", """{"REGISTRY_STORAGE_SWIFT_APPLICATIONCREDENTIALID":"eA==","REGISTRY_STORAGE_SWIFT_APPLICATIONCREDENTIALSECRET":"eA=="}""", CheckStatus.Failed, "APPLICATIONCREDENTIALNAME")]
    [InlineData("""{"swift":{"container":"c"}}""", """{"REGISTRY_STORAGE_SWIFT_USERNAME":"eA==","REGISTRY_STORAGE_SWIFT_PASSWORD":"eA=="}""", CheckStatus.Failed, "names no Keystone")]
    [InlineData("""{"swift":{"container":"c","authURL":"https://k"}}""", """{"REGISTRY_STORAGE_SWIFT_USERNAME":"eA==","REGISTRY_STORAGE_SWIFT_PASSWORD":"eA=="}""", CheckStatus.Passed, "has the keys")]
    [InlineData("""{"s3":{"bucket":"b"}}""", """{"REGISTRY_STORAGE_S3_ACCESSKEY":"eA==","REGISTRY_STORAGE_S3_SECRETKEY":"eA==","REGISTRY_STORAGE_SWIFT_USERNAME":"eA=="}""", CheckStatus.Warning, "REGISTRY_STORAGE_SWIFT_USERNAME")]
    public async Task Keys_that_do_not_fit_the_storage_are_found(string storage, string data, CheckStatus status, string evidence)
    {
        using var cluster = SampleRegistry.On(storage);
        cluster.Put(ResourceTypes.Secrets, SampleRegistry.Namespace, ImageRegistryNames.UserSecret, $$$"""{"data":{{{data}}}}""");

        Check(await RunAsync(cluster), "Credentials", status, evidence, null);
    }

    [Fact]
    public async Task Credentials_that_the_cluster_made_are_looked_at_too()
    {
        using var cluster = SampleRegistry.On("""{"swift":{"container":"c"}}""");
        Check(await RunAsync(cluster), "Credentials", CheckStatus.Passed, "clouds.yaml", null);
        cluster.Edit(ResourceTypes.Secrets, SampleRegistry.Namespace, ImageRegistryNames.CloudSecret, secret => secret["data"] = JsonNode.Parse("""{"aws":"eA=="}"""));
        Check(await RunAsync(cluster), "Credentials", CheckStatus.Failed, "no clouds.yaml", "Set-ImageRegistryCredential");
        cluster.Take(ResourceTypes.Secrets, SampleRegistry.Namespace, ImageRegistryNames.CloudSecret);
        Check(await RunAsync(cluster), "Credentials", CheckStatus.Failed, "neither", "Set-ImageRegistryCredential");
    }

    [Theory]
    [InlineData(true, CheckStatus.Passed, "is admitted")]
    [InlineData(false, CheckStatus.Failed, "another namespace holds the host")]
    [InlineData(null, CheckStatus.Failed, "there is no such route")]
    public Task Routes_that_lead_nowhere_are_found(bool? admitted, CheckStatus status, string evidence) => FindsAsync(
        cluster =>
        {
            cluster.Edit(OpenShiftTypes.Configs, null, "cluster", config => config["spec"]!["defaultRoute"] = true);
            if (admitted is { } given)
                SampleRegistry.PutRoute(cluster, "default-route", "default.apps.test", given);
        },
        "Route", status, evidence);

    private static FakeKubernetes Sample()
    {
        var cluster = SampleRegistry.OnVolume();
        cluster.Logs[$"{SampleRegistry.Namespace}/operator-1"] = ["I0222 15:34:42.776028       1 main.go:24] started"];
        cluster.Logs[$"{SampleRegistry.Namespace}/registry-1"] = ["""time="2026" level=info msg="start registry" """];
        return cluster;
    }

    private static async Task FindsAsync(Action<FakeKubernetes> breakIt, string name, CheckStatus status, string evidence, string? nextStep = null)
    {
        using var cluster = Sample();
        breakIt(cluster);
        Check(await RunAsync(cluster), name, status, evidence, nextStep);
    }

    private static void Check(IReadOnlyList<RegistryCheck> checks, string name, CheckStatus status, string evidence, string? nextStep)
    {
        var check = checks.Single(check => check.Name == name);
        Assert.True(check.Status == status, $"{check}: {string.Join("; ", check.Evidence)}");
        Assert.Contains(check.Evidence, seen => seen.Contains(evidence, StringComparison.Ordinal));
        if (nextStep is not null)
            Assert.Contains(nextStep, check.NextStep, StringComparison.Ordinal);
    }

    private static async Task<IReadOnlyList<RegistryCheck>> RunAsync(FakeKubernetes cluster)
    {
        var checks = new List<RegistryCheck>();
        await foreach (var check in RegistryDiagnosis.RunAsync(cluster, new DiagnosisOptions(), TimeProvider.System, Token))
            checks.Add(check);
        return checks;
    }
}
