using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.OpenShift;
using RegistryMigration.Clusters.OpenShift.Preflight;
using RegistryMigration.Clusters.Preflight;
using RegistryMigration.Clusters.Tests.OpenShift.Steps;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Tests.OpenShift.Preflight;

public sealed class RegistryPreflightTests
{
    private const string Served = "Configuration is served";
    private const string Managed = "Operator manages the registry";
    private const string Healthy = "Registry is healthy";
    private const string Volume = "Storage is a bound volume";
    private const string Nodes = "Nodes for the replicas";
    private const string Network = "Network policies";
    private const string Credentials = "Operator's credentials";
    private const string Permissions = "Permissions";
    private const string Place = "Destination is where the registry looks";

    [Fact]
    public async Task A_registry_that_is_ready_passes_everything_in_order_and_nothing_is_changed()
    {
        await using var world = await StepWorld.CreateAsync();
        var checks = await RunAsync(world);
        Assert.All(checks, check => Assert.True(check.Status == CheckStatus.Passed, $"{check}: {string.Join("; ", check.Evidence)}"));
        Assert.Equal(Enumerable.Range(1, checks.Count), checks.Select(check => check.Order));
        Assert.Equal([Served, Managed, Healthy, Volume], checks.Take(4).Select(check => check.Name));
        Assert.Contains("images (ReadWriteOnce, 100Gi, Bound)", checks[3].Evidence);
        Assert.Empty(world.Cluster.Changes);
    }

    [Theory]
    [InlineData("unmanaged", Managed, CheckStatus.Failed, "Unmanaged")]
    [InlineData("degraded", Healthy, CheckStatus.Failed, "Degraded=True")]
    [InlineData("behind", Healthy, CheckStatus.Failed, "works on generation")]
    [InlineData("rolling", Healthy, CheckStatus.Failed, "0 of 1 available")]
    [InlineData("swift", Volume, CheckStatus.Failed, "Swift there")]
    [InlineData("pending", Volume, CheckStatus.Failed, "Pending")]
    [InlineData("no claim", Volume, CheckStatus.Failed, "missing")]
    [InlineData("one node", Nodes, CheckStatus.Warning, "worker-a")]
    [InlineData("no node", Nodes, CheckStatus.Failed, "no node")]
    [InlineData("deny all", Network, CheckStatus.Passed, "default-deny lets no pod out")]
    [InlineData("user secret", Credentials, CheckStatus.Warning, "REGISTRY_STORAGE_S3_ACCESSKEY")]
    [InlineData("no patch", Permissions, CheckStatus.Failed, "may not patch configs.imageregistry.operator.openshift.io/cluster")]
    [InlineData("no nodes", Nodes, CheckStatus.Skipped, "nodes")]
    [InlineData("running pruner", "Pruner", CheckStatus.Warning, "image-pruner-1")]
    public async Task Tells_what_is_in_the_way(string obstacle, string name, CheckStatus status, string evidence)
    {
        await using var world = await StepWorld.CreateAsync();
        Obstruct(world, obstacle);
        var check = Assert.Single(await RunAsync(world), check => check.Name == name);
        Assert.Equal(status, check.Status);
        Assert.Contains(evidence, string.Join("; ", check.Evidence), StringComparison.Ordinal);
        Assert.Equal(status is CheckStatus.Failed or CheckStatus.Warning, check.NextStep is not null);
    }

    [Fact]
    public async Task Two_replicas_on_one_node_fail()
    {
        await using var world = await StepWorld.CreateAsync();
        Obstruct(world, "one node");
        Assert.Equal(CheckStatus.Failed, Assert.Single(await RunAsync(world, new PreflightOptions { Replicas = 2 }), check => check.Name == Nodes).Status);
    }

    [Fact]
    public async Task What_is_no_OpenShift_fails_first_and_permissions_are_still_told()
    {
        await using var world = await StepWorld.CreateAsync();
        world.Cluster.NotServed.Add(OpenShiftTypes.Configs);
        var checks = await RunAsync(world);
        Assert.Equal([Served, Permissions], checks.Select(check => check.Name));
        Assert.Equal(CheckStatus.Failed, checks[0].Status);
    }

    [Fact]
    public async Task A_directory_as_destination_holds_what_it_held_and_is_no_backend()
    {
        await using var world = await StepWorld.CreateAsync();
        var folder = Directory.CreateTempSubdirectory("preflight-").FullName;
        try
        {
            var checks = await RunAsync(world, new PreflightOptions { Destination = new RegistryStore(folder) });
            Assert.Equal(CheckStatus.Failed, Assert.Single(checks, check => check.Name == Place).Status);
            Assert.Equal(CheckStatus.Passed, Assert.Single(checks, check => check.Name == "Destination is empty or ours").Status);
            Assert.Empty(Directory.EnumerateFileSystemEntries(folder));
        }
        finally
        {
            Directory.Delete(folder);
        }
    }

    [Fact]
    public async Task A_destination_that_does_not_answer_is_told()
    {
        await using var world = await StepWorld.CreateAsync();
        var store = new RegistryStore("s3://images") { S3 = new S3Options { Endpoint = new Uri("http://127.0.0.1:1"), AccessKey = "a", SecretKey = new Secret("b") } };
        var check = Assert.Single(await RunAsync(world, new PreflightOptions { Destination = store }), check => check.Name == "Destination is empty or ours");
        Assert.Equal(CheckStatus.Failed, check.Status);
        Assert.Contains("127.0.0.1:1", string.Join("; ", check.Evidence), StringComparison.Ordinal);
    }

    private static async Task<List<RegistryCheck>> RunAsync(StepWorld world, PreflightOptions? options = null)
    {
        var checks = new List<RegistryCheck>();
        var context = StoreContext.Create(TimeProvider.System, new RetryOptions { Attempts = 1 });
        await foreach (var check in RegistryPreflight.RunAsync(world.Cluster, options ?? new PreflightOptions(), context, StepWorld.Cancellation))
            checks.Add(check);
        return checks;
    }

    private static void Obstruct(StepWorld world, string obstacle)
    {
        var cluster = world.Cluster;
        switch (obstacle)
        {
            case "unmanaged":
                Config(config => config["spec"]!["managementState"] = "Unmanaged");
                break;
            case "degraded":
                Config(config => config["status"]!["conditions"]![2]!["status"] = "True");
                break;
            case "behind":
                Config(config => config["status"]!["observedGeneration"] = 0);
                break;
            case "rolling":
                cluster.Edit(ResourceTypes.Deployments, StepWorld.Namespace, ImageRegistryNames.Deployment, deployment => deployment["status"]!["availableReplicas"] = 0);
                break;
            case "swift":
                Config(config => config["spec"]!["storage"] = JsonNode.Parse("""{"swift":{"container":"there"}}"""));
                break;
            case "pending":
                cluster.Edit(ResourceTypes.Claims, StepWorld.Namespace, StepWorld.Claim, claim => claim["status"]!["phase"] = "Pending");
                break;
            case "no claim":
                cluster.Take(ResourceTypes.Claims, StepWorld.Namespace, StepWorld.Claim);
                break;
            case "one node":
                cluster.Take(ResourceTypes.Nodes, null, "worker-b");
                break;
            case "no node":
                cluster.Take(ResourceTypes.Nodes, null, "worker-a");
                cluster.Take(ResourceTypes.Nodes, null, "worker-b");
                break;
            case "deny all":
                cluster.Put(ResourceTypes.NetworkPolicies, StepWorld.Namespace, "default-deny", """{"spec":{"podSelector":{},"policyTypes":["Ingress","Egress"]}}""");
                break;
            case "user secret":
                cluster.Put(ResourceTypes.Secrets, StepWorld.Namespace, ImageRegistryNames.UserSecret, """{"data":{"REGISTRY_STORAGE_S3_ACCESSKEY":""}}""");
                break;
            case "no patch":
                cluster.Denied.Add($"patch {OpenShiftTypes.Configs}");
                break;
            case "no nodes":
                cluster.Denied.Add($"list {ResourceTypes.Nodes}");
                break;
            default:
                cluster.Put(ResourceTypes.Jobs, StepWorld.Namespace, "image-pruner-1", """{"metadata":{"labels":{"created-by":"image-pruner"}},"spec":{}}""");
                break;
        }

        void Config(Action<JsonObject> change) => cluster.Edit(OpenShiftTypes.Configs, null, "cluster", change);
    }
}
