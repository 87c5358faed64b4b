using RegistryMigration.Clusters.InCluster;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Tests.InCluster;

public class PlanningTests
{
    private readonly SyncSpace _space = new();

    [Theory]
    [InlineData("registry.test/worker:1.0", "skopeo inspect")]
    [InlineData("registry.test/worker", "skopeo inspect")]
    [InlineData("registry.test/worker@sha256:abc", "64 hexadecimal")]
    [InlineData("registry.test/worker@md5:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "64 hexadecimal")]
    public async Task An_image_without_a_digest_is_refused(string image, string step)
    {
        var refused = await Assert.ThrowsAsync<ClusterException>(() => _space.PlanAsync(SyncSpace.Request() with { Image = image }));
        Assert.Equal(ClusterErrorKind.Configuration, refused.Kind);
        Assert.Contains(step, refused.Message, StringComparison.Ordinal);
        Assert.Empty(_space.Cluster.Requests);
    }

    [Fact]
    public async Task A_tag_beside_the_digest_is_fine() =>
        Assert.NotNull(await _space.PlanAsync(SyncSpace.Request() with { Image = SyncSpace.Image.Replace("@", ":0.1.0@", StringComparison.Ordinal) }));

    [Fact]
    public async Task A_plan_changes_nothing_but_tries_the_Job()
    {
        var plan = await _space.PlanAsync(SyncSpace.Request() with { Shards = 4, Parallelism = 2 });
        Assert.Empty(_space.Cluster.Changes);
        Assert.Contains(_space.Cluster.Requests, request => request is { Verb: "create", DryRun: true } && request.Type == ResourceTypes.Jobs);
        Assert.Contains("4 parts", plan.Description, StringComparison.Ordinal);
        Assert.Contains("worker-1", plan.Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_directory_a_missing_claim_and_a_claim_for_one_pod_are_refused()
    {
        Assert.Contains("directory", (await RefusedAsync(SyncSpace.Request(new RegistryStore("/srv/copy")))).Message, StringComparison.Ordinal);
        Assert.Equal(ClusterErrorKind.NotFound, (await RefusedAsync(SyncSpace.Request() with { Claim = "other" })).Kind);
        Assert.Contains("leads out", (await RefusedAsync(SyncSpace.Request() with { ClaimPath = "a/../.." })).Message, StringComparison.Ordinal);
        Assert.Contains("root", (await RefusedAsync(SyncSpace.Request() with { Identity = new PodIdentity { RunAsUser = 0 } })).Message, StringComparison.Ordinal);
        var alone = new SyncSpace("ReadWriteOncePod");
        Assert.Contains("image-registry-abc", (await Assert.ThrowsAsync<ClusterException>(() => alone.PlanAsync(SyncSpace.Request()))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_claim_without_a_volume_is_refused()
    {
        _space.Cluster.Put(ResourceTypes.Claims, SyncSpace.Namespace, "new", """{"spec":{"accessModes":["ReadWriteOnce"]},"status":{"phase":"Pending"}}""");
        Assert.Equal(ClusterErrorKind.Precondition, (await RefusedAsync(SyncSpace.Request() with { Claim = "new" })).Kind);
    }

    [Fact]
    public async Task The_same_copy_is_not_started_twice()
    {
        await _space.StartAsync(SyncSpace.Request());
        var again = await RefusedAsync(SyncSpace.Request() with { Name = "second" });
        Assert.Contains("Wait-RegistrySync copy", again.Message, StringComparison.Ordinal);
        Assert.Contains("already", (await RefusedAsync(SyncSpace.Request())).Message, StringComparison.Ordinal);
        _space.Succeed("copy-all", 0, SyncSpace.Result(1));
        _space.End("copy-all");
        Assert.NotNull(await _space.PlanAsync(SyncSpace.Request() with { Name = "second" }));
    }

    [Fact]
    public async Task Bandwidth_is_shared_out()
    {
        var plan = await _space.PlanAsync(SyncSpace.Request() with { Shards = 8, Parallelism = 4, Options = new SyncOptions { BytesPerSecond = 100_000_000, Repositories = ["team/*", "shop"] } });
        var text = plan.Pieces.Jobs[0].ToJsonString();
        Assert.Contains("\"REGISTRYMIGRATION_BYTES_PER_SECOND\",\"value\":\"25000000\"", text, StringComparison.Ordinal);
        Assert.Contains("\"REGISTRYMIGRATION_REPOSITORIES\",\"value\":\"team/*,shop\"", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_refused_start_had_made_is_removed()
    {
        var plan = await _space.PlanAsync(SyncSpace.Request());
        _space.Cluster.Before = request => request is { Verb: "create", DryRun: false } && request.Type == ResourceTypes.Jobs
            ? throw new ClusterException(ClusterErrorKind.Denied, "no jobs")
            : Task.CompletedTask;
        var refused = await Assert.ThrowsAsync<ClusterException>(() => new SyncStart(_space.Cluster, _space.Time).StartAsync(plan, TestContext.Current.CancellationToken));
        Assert.Equal("no jobs", refused.Message);
        foreach (var (type, name) in new[] { (ResourceTypes.ConfigMaps, "copy"), (ResourceTypes.Secrets, "copy-credentials"), (ResourceTypes.NetworkPolicies, "copy") })
            Assert.Null(_space.Cluster.Peek(type, SyncSpace.Namespace, name));
    }

    [Fact]
    public async Task Missing_rights_are_said_by_the_cluster_before_anything_is_made()
    {
        _space.Cluster.Denied.Add("create jobs.batch");
        Assert.Equal(ClusterErrorKind.Denied, (await RefusedAsync(SyncSpace.Request())).Kind);
        Assert.Null(_space.Cluster.Peek(ResourceTypes.ConfigMaps, SyncSpace.Namespace, "copy"));
    }

    private Task<ClusterException> RefusedAsync(SyncJobRequest request) => Assert.ThrowsAsync<ClusterException>(() => _space.PlanAsync(request));
}
