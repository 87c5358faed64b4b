using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.OpenShift;
using RegistryMigration.Clusters.OpenShift.Changes;
using RegistryMigration.Clusters.Tests.OpenShift.Support;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Tests.OpenShift;

public sealed class ConfigChangeTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Only_the_named_fields_are_sent_with_a_test_of_the_version()
    {
        using var cluster = SampleRegistry.OnVolume("ReadWriteMany");
        var version = cluster.Peek(OpenShiftTypes.Configs, null, "cluster")!.ResourceVersion;

        var outcome = await RegistryChange.OfRegistry().Set(3, "replicas").Set(10, "requests", "read", "maxRunning").Set(20, "requests", "read", "maxInQueue").ApplyAsync(cluster, TimeProvider.System, Token);

        var sent = Assert.Single(cluster.Changes);
        Assert.Equal(
            $$$$"""[{"op":"test","path":"/metadata/resourceVersion","value":"{{{{version}}}}"},{"op":"add","path":"/spec/replicas","value":3},{"op":"add","path":"/spec/requests","value":{"read":{"maxRunning":10}}},{"op":"add","path":"/spec/requests/read/maxInQueue","value":20}]""",
            sent.Body!.ToJsonString());
        Assert.True(outcome.Applied);
        Assert.Equal(["spec.replicas: 1 → 3", "spec.requests.read.maxInQueue: (none) → 20", "spec.requests.read.maxRunning: (none) → 10"], outcome.Changes.Select(change => change.ToString()));
        Assert.Equal(3, cluster.Peek(OpenShiftTypes.Configs, null, "cluster")!.Number("spec", "replicas"));
    }

    [Fact]
    public async Task It_is_tried_first_and_a_dry_run_changes_nothing()
    {
        using var cluster = SampleRegistry.OnVolume();
        var before = cluster.Peek(OpenShiftTypes.Configs, null, "cluster")!.Json.ToJsonString();

        var outcome = await RegistryChange.OfRegistry().Set(true, "readOnly").TryAsync(cluster, Token);

        Assert.False(outcome.Applied);
        Assert.Equal("spec.readOnly: (none) → true", Assert.Single(outcome.Changes).ToString());
        Assert.Empty(cluster.Changes);
        Assert.Equal(before, cluster.Peek(OpenShiftTypes.Configs, null, "cluster")!.Json.ToJsonString());
    }

    [Fact]
    public async Task What_is_there_already_is_not_written_again()
    {
        using var cluster = SampleRegistry.OnVolume();

        var outcome = await RegistryChange.OfRegistry().Set(1, "replicas").Set(null, "proxy", "http").Set(JsonNode.Parse("""{"pvc":{"claim":"image-registry-storage"},"managementState":"Unmanaged"}"""), "storage").ApplyAsync(cluster, TimeProvider.System, Token);

        Assert.False(outcome.Applied);
        Assert.Empty(outcome.Changes);
        Assert.DoesNotContain(cluster.Requests, request => request.Verb == "patch");
    }

    [Fact]
    public async Task The_way_back_restores_exactly_what_was_there()
    {
        using var cluster = SampleRegistry.OnVolume("ReadWriteMany");
        var spec = cluster.Peek(OpenShiftTypes.Configs, null, "cluster")!.Section("spec")!.ToJsonString();
        var change = RegistryChange.OfRegistry().Set(2, "replicas").Set(null, "logLevel").Set(true, "readOnly").Set(JsonNode.Parse("""{"swift":{"container":"c"}}"""), "storage");
        var outcome = await change.ApplyAsync(cluster, TimeProvider.System, Token);

        await cluster.PatchAsync(OpenShiftTypes.Configs, null, "cluster", new Patch(PatchKind.Json, change.ToRevert(outcome)), WriteOptions.Default, Token);

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(spec), cluster.Peek(OpenShiftTypes.Configs, null, "cluster")!.Section("spec")));
    }

    [Fact]
    public async Task A_conflict_about_something_else_is_passed()
    {
        using var cluster = SampleRegistry.OnVolume();
        var conflicts = 2;
        cluster.Before = request =>
        {
            if (request is { Verb: "patch", DryRun: false } && conflicts-- > 0)
                cluster.Edit(OpenShiftTypes.Configs, null, "cluster", config => config["status"]!["readyReplicas"] = conflicts + 10);
            return Task.CompletedTask;
        };

        var outcome = await RegistryChange.OfRegistry().Set(true, "readOnly").ApplyAsync(cluster, TimeProvider.System, Token);

        Assert.True(outcome.Applied);
        Assert.True(cluster.Peek(OpenShiftTypes.Configs, null, "cluster")!.Flag("spec", "readOnly"));
    }

    [Fact]
    public async Task A_dry_run_from_an_older_reading_is_repeated()
    {
        using var cluster = SampleRegistry.OnVolume();
        var basis = cluster.Peek(OpenShiftTypes.Configs, null, "cluster")!;
        cluster.Edit(OpenShiftTypes.Configs, null, "cluster", config => config["status"]!["readyReplicas"] = 7);

        var outcome = await RegistryChange.OfRegistry(new RegistryRules(), basis).Set(true, "readOnly").TryAsync(cluster, Token);

        Assert.Equal("spec.readOnly: (none) → true", Assert.Single(outcome.Changes).ToString());
    }

    [Fact]
    public async Task A_conflict_about_the_same_field_is_told_and_nothing_is_changed()
    {
        using var cluster = SampleRegistry.OnVolume("ReadWriteMany");
        cluster.Before = request =>
        {
            if (request is { Verb: "patch", DryRun: false })
                cluster.Edit(OpenShiftTypes.Configs, null, "cluster", config => config["spec"]!["replicas"] = 7);
            return Task.CompletedTask;
        };

        var error = await Assert.ThrowsAsync<ClusterException>(() => RegistryChange.OfRegistry().Set(3, "replicas").ApplyAsync(cluster, TimeProvider.System, Token));

        Assert.Equal(ClusterErrorKind.Conflict, error.Kind);
        Assert.Contains("spec.replicas: 1 → 7", error.Message, StringComparison.Ordinal);
        Assert.Equal(7, cluster.Peek(OpenShiftTypes.Configs, null, "cluster")!.Number("spec", "replicas"));
    }

    [Fact]
    public async Task Values_made_from_an_older_reading_are_a_conflict_when_the_field_moved()
    {
        using var cluster = SampleRegistry.OnVolume("ReadWriteMany");
        var basis = cluster.Peek(OpenShiftTypes.Configs, null, "cluster")!;
        cluster.Edit(OpenShiftTypes.Configs, null, "cluster", config => config["spec"]!["routes"] = JsonNode.Parse("""[{"name":"theirs"}]"""));
        var change = RegistryChange.OfRegistry(new RegistryRules(), basis).Set(JsonNode.Parse("""[{"name":"ours"}]"""), "routes");

        var error = await Assert.ThrowsAsync<ClusterException>(() => change.ApplyAsync(cluster, TimeProvider.System, Token));

        Assert.Equal(ClusterErrorKind.Conflict, error.Kind);
        Assert.Equal("""[{"name":"theirs"}]""", cluster.Peek(OpenShiftTypes.Configs, null, "cluster")!.At("spec", "routes")!.ToJsonString());
    }

    [Fact]
    public async Task An_object_that_never_rests_is_given_up_with_a_clear_word()
    {
        using var cluster = SampleRegistry.OnVolume();
        cluster.Before = request =>
        {
            if (request is { Verb: "patch", DryRun: false })
                cluster.Edit(OpenShiftTypes.Configs, null, "cluster", config => config["status"]!["touched"] = Guid.NewGuid().ToString());
            return Task.CompletedTask;
        };

        var error = await Assert.ThrowsAsync<ClusterException>(() => RegistryChange.OfRegistry().Set(true, "readOnly").ApplyAsync(cluster, new HastyTime(), Token));

        Assert.Equal(ClusterErrorKind.Conflict, error.Kind);
        Assert.Contains("changed all the time", error.Message, StringComparison.Ordinal);
        Assert.Null(cluster.Peek(OpenShiftTypes.Configs, null, "cluster")!.Flag("spec", "readOnly"));
    }

    [Fact]
    public async Task A_refusal_that_is_no_conflict_is_not_tried_again()
    {
        using var cluster = SampleRegistry.OnVolume();
        cluster.Before = request => request.Verb == "patch" ? throw new ClusterException(ClusterErrorKind.Invalid, "spec.rolloutStrategy: Unsupported value") : Task.CompletedTask;

        var error = await Assert.ThrowsAsync<ClusterException>(() => RegistryChange.OfRegistry().Set("Sometimes", "rolloutStrategy").ApplyAsync(cluster, TimeProvider.System, Token));

        Assert.Equal("spec.rolloutStrategy: Unsupported value", error.Message);
        Assert.Single(cluster.Requests, request => request.Verb == "patch");
    }

    [Fact]
    public async Task Fields_that_the_server_drops_in_silence_are_an_error()
    {
        using var inner = SampleRegistry.OnVolume();
        using var cluster = new PruningKubernetes(inner, "maxrunning");

        var error = await Assert.ThrowsAsync<ClusterException>(() => RegistryChange.OfRegistry().Set(10, "requests", "read", "maxrunning").ApplyAsync(cluster, TimeProvider.System, Token));

        Assert.Equal(ClusterErrorKind.Invalid, error.Kind);
        Assert.Contains("not keep spec.requests.read.maxrunning", error.Message, StringComparison.Ordinal);
        Assert.Empty(inner.Changes);
    }

    [Fact]
    public async Task Fields_dropped_within_an_object_are_named_too()
    {
        using var inner = SampleRegistry.OnVolume();
        using var cluster = new PruningKubernetes(inner, "Container");

        var error = await Assert.ThrowsAsync<ClusterException>(() => RegistryChange.OfRegistry().Set(JsonNode.Parse("""{"swift":{"Container":"c"}}"""), "storage").TryAsync(cluster, Token));

        Assert.Contains("spec.storage.swift.Container", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_secret_in_the_configuration_is_never_shown()
    {
        using var cluster = SampleRegistry.OnVolume();

        var outcome = await RegistryChange.OfRegistry().Set("feedface", "httpSecret").TryAsync(cluster, Token);

        Assert.Equal("spec.httpSecret: *** → ***", Assert.Single(outcome.Changes).ToString());
    }

    [Fact]
    public async Task The_pruner_changes_in_the_same_way()
    {
        using var cluster = SampleRegistry.OnVolume();

        var outcome = await RegistryChange.OfPruner().Set(true, "suspend").ApplyAsync(cluster, TimeProvider.System, Token);

        Assert.Equal("spec.suspend: false → true", Assert.Single(outcome.Changes).ToString());
        Assert.True(cluster.Peek(OpenShiftTypes.ImagePruners, null, "cluster")!.Flag("spec", "suspend"));
    }
}
