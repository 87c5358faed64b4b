using System.Net;
using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Lab.Cluster;

namespace RegistryMigration.Clusters.Tests.Lab;

/// <summary>The operator stand-in does to a real registry what the real operator does.</summary>
public sealed class OperatorStandInTests(KubeLab lab)
{
    // What hangs must not keep the other tests from the cluster.
    private const int Limit = 300_000;

    private const string Config = "/apis/imageregistry.operator.openshift.io/v1/configs/cluster";
    private const string ClusterOperator = "/apis/config.openshift.io/v1/clusteroperators/image-registry";
    private const string Deployment = "/apis/apps/v1/namespaces/openshift-image-registry/deployments/image-registry";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact(Timeout = Limit)]
    public async Task A_registry_on_a_volume_becomes_read_only_and_moves_to_Swift()
    {
        await lab.RequireAsync("swift");
        await using var world = await lab.CreateWorldAsync();
        await world.WaitReadyAsync(Cancellation);
        var digest = await world.PushAsync("demo/app", "1", Cancellation);
        Assert.Equal(200, await world.PullStatusAsync("demo/app", digest, Cancellation));
        Assert.True(Directory.Exists(Path.Combine(world.ClaimDirectory, "docker/registry/v2/repositories/demo/app")));
        var stream = await world.Api.GetAsync("/apis/image.openshift.io/v1/namespaces/demo/imagestreams/app", Cancellation);
        Assert.Equal(digest, stream.At("status", "tags")![0]!["items"]![0]!["image"]!.GetValue<string>());

        await world.Api.MergeAsync(Config, Spec(new JsonObject { ["readOnly"] = true }), Cancellation);
        await world.WaitReadyAsync(Cancellation);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await Assert.ThrowsAsync<HttpRequestException>(() => world.PushAsync("demo/app", "2", Cancellation, seed: 2))).StatusCode);

        await world.Api.MergeAsync(Config, Spec(new JsonObject
        {
            ["readOnly"] = false,
            ["replicas"] = 2,
            ["rolloutStrategy"] = "RollingUpdate",
            ["storage"] = new JsonObject { ["pvc"] = null, ["managementState"] = "Unmanaged", ["swift"] = new JsonObject { ["container"] = world.Container } },
        }), Cancellation);
        await world.WaitReadyAsync(Cancellation);
        var deployment = await world.Api.GetAsync(Deployment, Cancellation);
        Assert.Equal(2, deployment.Number("status", "availableReplicas"));
        Assert.Contains(deployment.At("spec", "template", "spec", "containers")![0]!["env"]!.AsArray(), variable => variable!["name"]!.GetValue<string>() == "REGISTRY_STORAGE_SWIFT_CONTAINER" && variable["value"]!.GetValue<string>() == world.Container);
        Assert.Equal(404, await world.PullStatusAsync("demo/app", digest, Cancellation));
        Assert.Equal(digest, await world.PushAsync("demo/app", "1", Cancellation));
        Assert.Equal("Swift container Exists", Reason(await world.Api.GetAsync(Config, Cancellation), "StorageExists"));
    }

    [Fact(Timeout = Limit)]
    public async Task Two_storages_and_a_shared_ReadWriteOnce_claim_are_refused_with_the_operators_words()
    {
        await lab.RequireAsync("swift");
        await using var world = await lab.CreateWorldAsync();
        await world.WaitReadyAsync(Cancellation);
        await world.Api.MergeAsync(Config, Spec(new JsonObject { ["storage"] = new JsonObject { ["swift"] = new JsonObject { ["container"] = world.Container } } }), Cancellation);
        var config = await UntilAsync(world, "Progressing", "Error");
        Assert.Contains("exactly one storage type should be configured at the same time, got 2: [Swift PVC]", Message(config, "Progressing"), StringComparison.Ordinal);
        Assert.Equal("False", Condition(config, "Degraded")?["status"]?.GetValue<string>());

        var other = new JsonObject { ["metadata"] = new JsonObject { ["name"] = "other" }, ["spec"] = new JsonObject { ["accessModes"] = new JsonArray("ReadWriteOnce"), ["resources"] = new JsonObject { ["requests"] = new JsonObject { ["storage"] = "1Gi" } } } };
        await world.Api.CreateAsync("/api/v1/namespaces/openshift-image-registry/persistentvolumeclaims", other, Cancellation);
        await world.Api.MergeAsync(Config, Spec(new JsonObject { ["replicas"] = 2, ["storage"] = new JsonObject { ["swift"] = null, ["pvc"] = new JsonObject { ["claim"] = "other" } } }), Cancellation);
        await UntilAsync(world, "StorageExists", "PVC Issues Found");
        Assert.Contains("cannot use ReadWriteOnce access mode with more than one replica of the image registry", Message(await world.Api.GetAsync(Config, Cancellation), "StorageExists"), StringComparison.Ordinal);
    }

    [Fact(Timeout = Limit)]
    public async Task Removed_with_storage_that_the_operator_manages_deletes_the_images()
    {
        await lab.RequireAsync("swift");
        await using var world = await lab.CreateWorldAsync(new WorldOptions { Storage = "swift", StorageManagementState = "Managed", Replicas = 1 });
        await world.WaitReadyAsync(Cancellation);
        await world.PushAsync("demo/app", "1", Cancellation);
        Assert.Equal(HttpStatusCode.OK, await ContainerAsync(world));
        await world.Api.MergeAsync(Config, Spec(new JsonObject { ["managementState"] = "Removed" }), Cancellation);
        await UntilAsync(world, "Removed", "Removed");
        while (await ContainerAsync(world) != HttpStatusCode.NotFound)
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Cancellation);
        Assert.Null(await world.Api.FindAsync(Deployment, Cancellation));
    }

    [Fact(Timeout = Limit)]
    public async Task A_failed_pruner_degrades_the_cluster_operator_and_not_the_Config()
    {
        await lab.RequireAsync();
        await using var world = await lab.CreateWorldAsync();
        await world.WaitReadyAsync(Cancellation);
        world.Operator.Mode = OperatorModes.PrunerDegraded;
        Resource cluster;
        do
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Cancellation);
            cluster = await world.Api.GetAsync(ClusterOperator, Cancellation);
        }
        while (Condition(cluster, "Degraded")?["status"]?.GetValue<string>() != "True");
        Assert.Equal("ImagePrunerJobFailed", Reason(cluster, "Degraded"));
        Assert.Equal("False", Condition(await world.Api.GetAsync(Config, Cancellation), "Degraded")?["status"]?.GetValue<string>());
    }

    [Theory]
    [InlineData("", OperatorModes.None)]
    [InlineData("slow, pruner-degraded", OperatorModes.Slow | OperatorModes.PrunerDegraded)]
    [InlineData("ignore-read-only", OperatorModes.IgnoreReadOnly)]
    public void Modes_are_written_as_words(string text, OperatorModes expected) => Assert.Equal(expected, OperatorModeNames.Parse(text));

    [Fact]
    public void An_unknown_mode_is_an_error() => Assert.Throws<FormatException>(() => OperatorModeNames.Parse("slo"));

    private static JsonObject Spec(JsonObject spec) => new() { ["spec"] = spec };

    private static async Task<Resource> UntilAsync(RegistryWorld world, string type, string reason)
    {
        while (true)
        {
            var config = await world.Api.GetAsync(Config, Cancellation);
            if (Reason(config, type) == reason)
                return config;
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Cancellation);
        }
    }

    private static JsonNode? Condition(Resource resource, string type) => resource.Items("status", "conditions").FirstOrDefault(condition => condition["type"]!.GetValue<string>() == type);

    private static string? Reason(Resource resource, string type) => Condition(resource, type)?["reason"]?.GetValue<string>();

    private static string Message(Resource resource, string type) => Condition(resource, type)!["message"]!.GetValue<string>();

    private async Task<HttpStatusCode> ContainerAsync(RegistryWorld world)
    {
        using var http = new HttpClient();
        using var login = new HttpRequestMessage(HttpMethod.Get, lab.Servers.Swift.AuthUrl);
        login.Headers.Add("X-Auth-User", lab.Servers.Swift.User);
        login.Headers.Add("X-Auth-Key", lab.Servers.Swift.Key);
        using var granted = await http.SendAsync(login, Cancellation);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{granted.Headers.GetValues("X-Storage-Url").First()}/{world.Container}");
        request.Headers.Add("X-Auth-Token", granted.Headers.GetValues("X-Auth-Token").First());
        using var response = await http.SendAsync(request, Cancellation);
        return response.StatusCode;
    }
}
