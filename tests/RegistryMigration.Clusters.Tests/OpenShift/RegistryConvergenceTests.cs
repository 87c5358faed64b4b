using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.OpenShift;
using RegistryMigration.Clusters.OpenShift.Changes;
using RegistryMigration.Clusters.OpenShift.Convergence;
using RegistryMigration.Clusters.Tests.OpenShift.Support;
using RegistryMigration.Clusters.Tests.Support;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Tests.OpenShift;

public sealed class RegistryConvergenceTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(200);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_registry_at_rest_is_there_at_once()
    {
        using var cluster = SampleRegistry.OnVolume();

        var result = await WaitAsync(cluster, Long);

        Assert.Empty(result.Warnings);
        Assert.Equal("cluster", result.Config.Name);
    }

    [Fact]
    public async Task A_change_is_waited_for_until_the_operator_has_followed_everywhere()
    {
        using var cluster = SampleRegistry.OnVolume("ReadWriteMany");
        var outcome = await RegistryChange.OfRegistry().Set(true, "readOnly").Set(2, "replicas").ApplyAsync(cluster, TimeProvider.System, Token);
        var told = new Told();

        var waiting = RegistryConvergence.WaitAsync(cluster, RegistryExpectation.Of(outcome), Long, told, TimeProvider.System, Token);
        await told.UntilAsync("the operator has not seen the change yet", Token);
        Assert.False(waiting.IsCompleted);
        SampleRegistry.Tell(cluster, ("Available", true, "Ready", ""), ("Progressing", true, "DeploymentNotCompleted", "The deployment has not completed"), ("Degraded", false, "", ""), ("StorageExists", true, "", ""));
        await told.UntilAsync("the operator says Progressing=True (DeploymentNotCompleted)", Token);
        await told.UntilAsync("image-registry asks for 1 replicas instead of 2", Token);
        await told.UntilAsync("still takes writes", Token);
        SampleRegistry.Reconcile(cluster);

        Assert.True((await waiting).Config.Flag("spec", "readOnly"));
    }

    [Fact]
    public async Task Progressing_False_from_before_the_change_proves_nothing()
    {
        using var cluster = SampleRegistry.OnVolume();
        var outcome = await RegistryChange.OfRegistry().Set(true, "readOnly").ApplyAsync(cluster, TimeProvider.System, Token);

        var error = await TimedOutAsync(cluster, RegistryExpectation.Of(outcome));

        Assert.Contains("generation", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_switch_needs_the_status_and_the_environment_of_the_deployment()
    {
        using var cluster = SampleRegistry.OnVolume();
        var outcome = await RegistryChange.OfRegistry().Set(JsonNode.Parse("""{"managementState":"Unmanaged","swift":{"container":"images","authURL":"https://keystone"}}"""), "storage").Set("RollingUpdate", "rolloutStrategy").ApplyAsync(cluster, TimeProvider.System, Token);
        // The operator says all is well while its deployment is still the old one.
        SampleRegistry.Tell(cluster, ("Available", true, "Ready", ""), ("Progressing", false, "Ready", ""), ("Degraded", false, "", ""), ("StorageExists", true, "Container exists", ""));
        var error = await TimedOutAsync(cluster, RegistryExpectation.Of(outcome));
        Assert.Contains("REGISTRY_STORAGE=filesystem instead of swift", error.Message, StringComparison.Ordinal);
        Assert.Contains("strategy Recreate instead of RollingUpdate", error.Message, StringComparison.Ordinal);

        // Now the deployment is new and the status still names another container.
        SampleRegistry.Reconcile(cluster);
        cluster.Edit(OpenShiftTypes.Configs, null, "cluster", config => config["status"]!["storage"]!["swift"]!["container"] = "old");
        Assert.Contains("still uses container old instead of images", (await TimedOutAsync(cluster, RegistryExpectation.Of(outcome))).Message, StringComparison.Ordinal);

        SampleRegistry.Reconcile(cluster);
        await RegistryConvergence.WaitAsync(cluster, RegistryExpectation.Of(outcome), Long, null, TimeProvider.System, Token);
    }

    [Theory]
    [InlineData("updatedReplicas", "0 of 1 pods are new")]
    [InlineData("availableReplicas", "0 available")]
    [InlineData("replicas", "0 in all")]
    public async Task Every_count_of_the_deployment_has_to_agree(string count, string expected)
    {
        using var cluster = SampleRegistry.OnVolume();
        cluster.Edit(ResourceTypes.Deployments, SampleRegistry.Namespace, "image-registry", deployment => deployment["status"]![count] = 0);

        Assert.Contains(expected, (await TimedOutAsync(cluster)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_deployment_that_was_not_looked_at_yet_has_not_rolled_out()
    {
        using var cluster = SampleRegistry.OnVolume();
        cluster.Edit(ResourceTypes.Deployments, SampleRegistry.Namespace, "image-registry", deployment => deployment["status"]!["observedGeneration"] = 0);

        Assert.Contains("not started to roll out", (await TimedOutAsync(cluster)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Limits_and_placement_are_waited_for_in_the_deployment()
    {
        using var cluster = SampleRegistry.OnVolume();
        cluster.Edit(OpenShiftTypes.Configs, null, "cluster", config =>
        {
            config["spec"]!["requests"] = JsonNode.Parse("""{"read":{"maxRunning":10}}""");
            config["spec"]!["nodeSelector"] = JsonNode.Parse("""{"infra":"yes"}""");
            config["spec"]!["proxy"] = JsonNode.Parse("""{"https":"http://proxy"}""");
        });
        SampleRegistry.Tell(cluster, ("Available", true, "", ""), ("Progressing", false, "", ""), ("Degraded", false, "", ""), ("StorageExists", true, "", ""));

        var error = await TimedOutAsync(cluster);

        Assert.Contains("REGISTRY_OPENSHIFT_REQUESTS_READ_MAXRUNNING=(none) instead of 10", error.Message, StringComparison.Ordinal);
        Assert.Contains("HTTPS_PROXY=(none) instead of http://proxy", error.Message, StringComparison.Ordinal);
        Assert.Contains("infra=yes", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_route_is_waited_for()
    {
        using var cluster = SampleRegistry.OnVolume();
        cluster.Edit(OpenShiftTypes.Configs, null, "cluster", config => config["spec"]!["defaultRoute"] = true);
        SampleRegistry.Tell(cluster, ("Available", true, "", ""), ("Progressing", false, "", ""), ("Degraded", false, "", ""), ("StorageExists", true, "", ""));
        var told = new Told();

        var waiting = RegistryConvergence.WaitAsync(cluster, Expected(cluster), Long, told, TimeProvider.System, Token);
        await told.UntilAsync("there is no route default-route yet", Token);
        SampleRegistry.PutRoute(cluster, "default-route", "default.apps.test");

        await waiting;
    }

    [Theory]
    [InlineData("StorageNotConfigured")]
    [InlineData("VerificationFailed")]
    public async Task What_the_operator_refuses_for_good_is_not_waited_for(string reason)
    {
        using var cluster = SampleRegistry.OnVolume();
        SampleRegistry.Tell(cluster, ("Available", false, reason, ""), ("Progressing", false, "Error", ""), ("Degraded", true, reason, "Error: duplication of names"));

        var error = await Assert.ThrowsAsync<ClusterException>(() => WaitAsync(cluster, Long));

        Assert.Equal((ClusterErrorKind.Invalid, reason), (error.Kind, error.Reason));
        Assert.Contains("duplication of names", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_from_before_the_change_does_not_count()
    {
        using var cluster = SampleRegistry.OnVolume();
        SampleRegistry.Tell(cluster, ("Available", false, "", ""), ("Progressing", false, "Error", ""), ("Degraded", true, "StorageNotConfigured", ""));
        var outcome = await RegistryChange.OfRegistry().Set("Debug", "logLevel").ApplyAsync(cluster, TimeProvider.System, Token);
        var told = new Told();

        var waiting = RegistryConvergence.WaitAsync(cluster, RegistryExpectation.Of(outcome), Long, told, TimeProvider.System, Token);
        await told.UntilAsync("has not seen the change yet", Token);
        SampleRegistry.Reconcile(cluster);

        await waiting;
    }

    [Fact]
    public async Task A_pruner_that_failed_is_told_and_not_waited_for()
    {
        using var cluster = SampleRegistry.OnVolume();
        SampleRegistry.TellOperator(cluster, "Degraded", true, "ImagePrunerJobFailed", "ImagePrunerDegraded: Job has reached the specified backoff limit");

        var result = await WaitAsync(cluster, Long);

        Assert.Contains("the image pruner", Assert.Single(result.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_CA_daemon_at_work_is_told_and_not_waited_for()
    {
        using var cluster = SampleRegistry.OnVolume();
        SampleRegistry.Tell(
            cluster,
            ("Available", true, "Ready", ""), ("Progressing", false, "Ready", ""), ("Degraded", false, "", ""), ("StorageExists", true, "", ""), ("NodeCADaemonProgressing", true, "Progressing", "updating node pods"));
        SampleRegistry.TellOperator(cluster, "Progressing", true, "NodeCADaemonProgressing::Ready", "NodeCADaemonProgressing: updating node pods");

        Assert.Contains("the node CA daemon", Assert.Single((await WaitAsync(cluster, Long)).Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_clusteroperator_that_lags_behind_is_waited_for()
    {
        using var cluster = SampleRegistry.OnVolume();
        SampleRegistry.TellOperator(cluster, "Progressing", true, "DeploymentNotCompleted", "Progressing: the deployment has not completed");

        Assert.Contains("clusteroperator image-registry: Progressing=True (DeploymentNotCompleted)", (await TimedOutAsync(cluster)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_configuration_that_somebody_changes_back_ends_the_wait()
    {
        using var cluster = SampleRegistry.OnVolume();
        var outcome = await RegistryChange.OfRegistry().Set(true, "readOnly").ApplyAsync(cluster, TimeProvider.System, Token);
        var told = new Told();

        var waiting = RegistryConvergence.WaitAsync(cluster, RegistryExpectation.Of(outcome), Long, told, TimeProvider.System, Token);
        await told.UntilAsync("has not seen the change yet", Token);
        cluster.Edit(OpenShiftTypes.Configs, null, "cluster", config => ((JsonObject)config["spec"]!).Remove("readOnly"));

        var error = await Assert.ThrowsAsync<ClusterException>(() => waiting);
        Assert.Equal(ClusterErrorKind.Conflict, error.Kind);
        Assert.Contains("spec.readOnly", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_time_out_says_what_pods_and_events_say()
    {
        using var cluster = SampleRegistry.OnVolume();
        SampleRegistry.PutPod(cluster, "registry-2", "docker-registry", "default", """{"phase":"Pending","containerStatuses":[{"state":{"waiting":{"reason":"CreateContainerConfigError","message":"secret not found"}}}]}""");
        cluster.Put(ResourceTypes.Events, SampleRegistry.Namespace, "e1", """{"type":"Warning","reason":"FailedMount","message":"multi-attach error","involvedObject":{"kind":"Pod","name":"registry-2"},"lastTimestamp":"2026-01-01T00:00:00Z"}""");
        cluster.Edit(ResourceTypes.Deployments, SampleRegistry.Namespace, "image-registry", deployment => deployment["status"]!["availableReplicas"] = 0);

        var error = await TimedOutAsync(cluster);

        Assert.Contains("pod registry-2: CreateContainerConfigError: secret not found", error.Message, StringComparison.Ordinal);
        Assert.Contains("FailedMount: multi-attach error", error.Message, StringComparison.Ordinal);
        Assert.Contains("200ms", error.Message, StringComparison.Ordinal);
        Assert.Contains("Test-ImageRegistry", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_account_that_may_not_see_the_clusteroperator_waits_for_the_rest()
    {
        using var cluster = SampleRegistry.OnVolume();
        cluster.Denied.Add("watch clusteroperators.config.openshift.io");

        Assert.Contains("clusteroperators", Assert.Single((await WaitAsync(cluster, Long)).Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_account_that_may_not_see_the_deployment_is_refused_at_once()
    {
        using var cluster = SampleRegistry.OnVolume();
        cluster.Denied.Add("watch deployments.apps");

        Assert.Equal(ClusterErrorKind.Denied, (await Assert.ThrowsAsync<ClusterException>(() => WaitAsync(cluster, Long))).Kind);
    }

    [Fact]
    public async Task A_registry_without_replicas_need_not_be_available()
    {
        using var cluster = SampleRegistry.OnVolume();
        cluster.Edit(OpenShiftTypes.Configs, null, "cluster", config => config["spec"]!["replicas"] = 0);
        SampleRegistry.Reconcile(cluster);
        SampleRegistry.Tell(cluster, ("Available", false, "NoReplicasAvailable", ""), ("Progressing", false, "Ready", ""), ("Degraded", true, "Unavailable", ""), ("StorageExists", true, "", ""));

        await WaitAsync(cluster, Long);
    }

    [Fact]
    public async Task An_unmanaged_registry_is_done_when_the_operator_has_seen_it()
    {
        using var cluster = SampleRegistry.OnVolume();
        var outcome = await RegistryChange.OfRegistry().Set("Unmanaged", "managementState").Set(true, "readOnly").ApplyAsync(cluster, TimeProvider.System, Token);
        SampleRegistry.Tell(cluster, ("Available", true, "Unmanaged", ""), ("Progressing", false, "Unmanaged", ""), ("Degraded", false, "Unmanaged", ""));

        await RegistryConvergence.WaitAsync(cluster, RegistryExpectation.Of(outcome), Long, null, TimeProvider.System, Token);
    }

    [Fact]
    public async Task A_removed_registry_is_done_when_its_deployment_is_gone()
    {
        using var cluster = SampleRegistry.OnVolume();
        cluster.Edit(OpenShiftTypes.Configs, null, "cluster", config => config["spec"]!["managementState"] = "Removed");
        SampleRegistry.Tell(cluster, ("Available", true, "Removed", ""), ("Progressing", false, "Removed", ""), ("Degraded", false, "Removed", ""));
        var told = new Told();

        var waiting = RegistryConvergence.WaitAsync(cluster, Expected(cluster), Long, told, TimeProvider.System, Token);
        await told.UntilAsync("the deployment is still there", Token);
        cluster.Take(ResourceTypes.Deployments, SampleRegistry.Namespace, "image-registry");

        await waiting;
    }

    [Fact]
    public async Task A_deleted_configuration_ends_the_wait()
    {
        using var cluster = SampleRegistry.OnVolume();
        cluster.Edit(OpenShiftTypes.Configs, null, "cluster", config => config["spec"]!["readOnly"] = true);
        var told = new Told();

        var waiting = RegistryConvergence.WaitAsync(cluster, Expected(cluster), Long, told, TimeProvider.System, Token);
        await told.UntilAsync("has not seen", Token);
        cluster.Take(OpenShiftTypes.Configs, null, "cluster");

        Assert.Equal(ClusterErrorKind.NotFound, (await Assert.ThrowsAsync<ClusterException>(() => waiting)).Kind);
    }

    [Fact]
    public async Task Cancelling_is_no_time_out()
    {
        using var cluster = SampleRegistry.OnVolume();
        cluster.Edit(OpenShiftTypes.Configs, null, "cluster", config => config["spec"]!["readOnly"] = true);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var told = new Told();

        var waiting = RegistryConvergence.WaitAsync(cluster, Expected(cluster), Long, told, TimeProvider.System, stop.Token);
        await told.UntilAsync("has not seen", Token);
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    private static RegistryExpectation Expected(FakeKubernetes cluster) => RegistryExpectation.Of(cluster.Peek(OpenShiftTypes.Configs, null, "cluster")!);

    private static Task<ConvergenceResult> WaitAsync(FakeKubernetes cluster, TimeSpan timeout) => RegistryConvergence.WaitAsync(cluster, Expected(cluster), timeout, null, TimeProvider.System, Token);

    private static async Task<ClusterException> TimedOutAsync(FakeKubernetes cluster, RegistryExpectation? expectation = null)
    {
        var error = await Assert.ThrowsAsync<ClusterException>(() => RegistryConvergence.WaitAsync(cluster, expectation ?? Expected(cluster), Short, null, TimeProvider.System, Token));
        Assert.Equal(ClusterErrorKind.TimedOut, error.Kind);
        return error;
    }

    private sealed class Told : IProgress<string>
    {
        private readonly System.Collections.Concurrent.ConcurrentQueue<string> _texts = new();

        public void Report(string value) => _texts.Enqueue(value);

        public async Task UntilAsync(string part, CancellationToken cancellationToken)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(TimeSpan.FromSeconds(20));
            while (!_texts.Any(text => text.Contains(part, StringComparison.Ordinal)))
            {
                Assert.False(limit.IsCancellationRequested, $"Never told of '{part}', only: {string.Join(" | ", _texts)}");
                await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, CancellationToken.None);
            }
        }
    }
}
