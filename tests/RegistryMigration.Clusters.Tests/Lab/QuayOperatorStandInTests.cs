using System.Net;
using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Lab.Cluster;

namespace RegistryMigration.Clusters.Tests.Lab;

/// <summary>The stand-in of Quay's operator rolls out and blocks as the real one.</summary>
public sealed class QuayOperatorStandInTests(KubeLab lab)
{
    // What hangs must not keep the other tests from the cluster.
    private const int Limit = 300_000;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact(Timeout = Limit)]
    public async Task A_change_of_the_bundle_is_rolled_out_and_an_edit_in_place_is_not_at_once()
    {
        await lab.RequireAsync("ceph");
        await using var world = await lab.CreateQuayWorldAsync(new QuayWorldOptions { Replicas = 1 });
        await world.WaitReadyAsync(Cancellation);
        await world.PushAsync("demo/app", "1", Cancellation);
        var before = await ConfigAsync(world);
        var config = await world.BundleFileAsync("config.yaml", Cancellation);

        await world.Api.MergeAsync($"{world.Secrets}/{QuayWorldSeed.Bundle}", new JsonObject { ["stringData"] = new JsonObject { ["config.yaml"] = config + "DISABLE_PUSHES: true\n" } }, Cancellation);
        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, Cancellation);
        Assert.Equal(before, await ConfigAsync(world));

        await world.ChangeBundleAsync("second", new JsonObject { ["config.yaml"] = config + "DISABLE_PUSHES: true\n" }, Cancellation);
        await world.WaitReadyAsync(Cancellation);
        Assert.NotEqual(before, await ConfigAsync(world));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await Assert.ThrowsAsync<HttpRequestException>(() => world.PushAsync("demo/app", "2", Cancellation))).StatusCode);
        // The old configuration goes when no pod runs with it any more, and the bundles stay.
        await UntilAsync(async () => (await world.Api.ListAsync(world.Secrets, Cancellation)).Count(secret => secret.Name.Contains("-quay-config-secret-", StringComparison.Ordinal)) == 1, patience: 40);
        Assert.NotNull(await world.Api.FindAsync($"{world.Secrets}/{QuayWorldSeed.Bundle}", Cancellation));
    }

    [Fact(Timeout = Limit)]
    public async Task A_bundle_that_contradicts_the_components_blocks_the_rollout_and_nothing_else()
    {
        await lab.RequireAsync("ceph");
        await using var world = await lab.CreateQuayWorldAsync(new QuayWorldOptions { Replicas = 1 });
        await world.WaitReadyAsync(Cancellation);
        var (before, config) = (await ConfigAsync(world), await world.BundleFileAsync("config.yaml", Cancellation));

        await SetManagedAsync(world, true);
        await BlockedAsync(world, "objectstorage component marked as managed, but `configBundleSecret` contains required fields");
        await SetManagedAsync(world, false);
        await world.ChangeBundleAsync("without-storage", new JsonObject { ["config.yaml"] = config[..config.IndexOf("# Storage", StringComparison.Ordinal)] }, Cancellation);
        await BlockedAsync(world, "required component `objectstorage` marked as unmanaged, but `configBundleSecret` is missing necessary fields");
        await world.Api.MergeAsync(world.Path, new JsonObject { ["spec"] = new JsonObject { ["configBundleSecret"] = "nowhere" } }, Cancellation);
        await BlockedAsync(world, "unable to get `configBundleSecret`: Secret \"nowhere\" not found");

        Assert.Equal(before, await ConfigAsync(world));
        await world.PushAsync("demo/app", "1", Cancellation);
        var refused = await Assert.ThrowsAsync<KubeApiException>(() => world.Api.MergeAsync(world.Path, new JsonObject
        {
            ["spec"] = new JsonObject { ["components"] = new JsonArray(new JsonObject { ["kind"] = "quay", ["managed"] = false, ["overrides"] = new JsonObject { ["replicas"] = 1 } }) },
        }, Cancellation));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
    }

    [Fact(Timeout = Limit)]
    public async Task Old_pods_serve_while_new_ones_crash_and_the_operator_calls_that_available()
    {
        await lab.RequireAsync("ceph");
        await using var world = await lab.CreateQuayWorldAsync(new QuayWorldOptions { Replicas = 2, Tls = true });
        await world.WaitReadyAsync(Cancellation);
        var config = await world.BundleFileAsync("config.yaml", Cancellation);

        // Without the authority of the storage.
        await world.ChangeBundleAsync("without-authority", new JsonObject { ["config.yaml"] = config }, Cancellation);
        await UntilAsync(async () => (await world.Api.ListAsync(world.Pods, Cancellation)).Any(pod => pod.Items("status", "containerStatuses").Any(container => container["state"]?["waiting"]?["reason"]?.GetValue<string>() == "CrashLoopBackOff")));
        var registry = await world.Api.GetAsync(world.Path, Cancellation);
        Assert.Equal(("True", "False"), (Status(registry, "Available"), Status(registry, "RolloutBlocked")));
        await world.PushAsync("demo/app", "1", Cancellation);
        var deployment = await world.Api.GetAsync(world.Deployment, Cancellation);
        Assert.Equal((2L, 1L), (deployment.Number("status", "availableReplicas"), deployment.Number("status", "updatedReplicas")));

        await world.Api.MergeAsync(world.Path, new JsonObject { ["spec"] = new JsonObject { ["configBundleSecret"] = QuayWorldSeed.Bundle } }, Cancellation);
        await world.WaitReadyAsync(Cancellation);
    }

    [Fact(Timeout = Limit)]
    public async Task A_managed_storage_is_a_bucket_of_its_own_as_local_us()
    {
        await lab.RequireAsync("ceph");
        await using var world = await lab.CreateQuayWorldAsync(new QuayWorldOptions { Managed = true, Replicas = 1 });
        await world.WaitReadyAsync(Cancellation);
        await world.PushAsync("demo/app", "1", Cancellation);
        Assert.StartsWith("quay-datastore-", await world.ManagedBucketAsync(Cancellation), StringComparison.Ordinal);
        var secret = await world.Api.GetAsync($"{world.Secrets}/{await ConfigAsync(world)}", Cancellation);
        var config = QuayConfig.Parse(System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(secret.Text("data", "config.yaml")!)));
        Assert.Equal(("RHOCSStorage", true), (config["DISTRIBUTED_STORAGE_CONFIG"]!["local_us"]![0]!.GetValue<string>(), config["FEATURE_PROXY_STORAGE"]!.GetValue<bool>()));
        using var health = await world.Http.GetAsync(new Uri("/health/endtoend", UriKind.Relative), Cancellation);
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
    }

    private static async Task<string> ConfigAsync(QuayWorld world) =>
        (await world.Api.GetAsync(world.Deployment, Cancellation)).At("spec", "template", "spec", "volumes")![0]!["projected"]!["sources"]![0]!["secret"]!["name"]!.GetValue<string>();

    private static async Task SetManagedAsync(QuayWorld world, bool managed)
    {
        var components = (JsonArray)(await world.Api.GetAsync(world.Path, Cancellation)).At("spec", "components")!.DeepClone();
        components.Single(component => component!["kind"]!.GetValue<string>() == "objectstorage")!["managed"] = managed;
        await world.Api.MergeAsync(world.Path, new JsonObject { ["spec"] = new JsonObject { ["components"] = components } }, Cancellation);
    }

    private static async Task BlockedAsync(QuayWorld world, string message)
    {
        Resource? registry = null;
        await UntilAsync(async () => Condition(registry = await world.Api.GetAsync(world.Path, Cancellation), "RolloutBlocked")?["message"]?.GetValue<string>() == message);
        Assert.Equal(("True", "ConfigInvalid", "True"), (Status(registry!, "RolloutBlocked"), Condition(registry!, "RolloutBlocked")!["reason"]!.GetValue<string>(), Status(registry!, "Available")));
    }

    private static string? Status(Resource registry, string type) => Condition(registry, type)?["status"]?.GetValue<string>();

    private static JsonNode? Condition(Resource registry, string type) => registry.Items("status", "conditions").FirstOrDefault(condition => condition["type"]!.GetValue<string>() == type);

    private static async Task UntilAsync(Func<Task<bool>> holds, int patience = 60)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(patience));
        while (!await holds())
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, limit.Token);
    }
}
