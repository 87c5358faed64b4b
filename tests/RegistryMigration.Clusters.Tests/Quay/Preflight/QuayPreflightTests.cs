using System.Text;
using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Preflight;
using RegistryMigration.Clusters.Quay.Preflight;
using RegistryMigration.Clusters.Tests.Support;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Tests.Quay.Preflight;

public sealed class QuayPreflightTests
{
    private const string Space = "quay";
    private const string Rendered = "registry-quay-config-secret-abc";
    private const string Occupancy = "Destination is empty or ours";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_quay_that_is_ready_has_nothing_in_the_way_but_the_database_that_somebody_has_to_ask()
    {
        using var folder = new TemporaryFolder();
        using var cluster = Cluster();
        var checks = await RunAsync(Registry() with { ProxyStorage = true }, cluster, folder.Path);
        var told = checks.Where(check => check.Status != CheckStatus.Passed).Select(check => check.Name);
        Assert.Equal(["Location names in the database", "Driver", "Destination has room"], told);
        Assert.Equal(Enumerable.Range(1, checks.Count), checks.Select(check => check.Order));
        Assert.Contains("SELECT name FROM imagestoragelocation;", string.Join('\n', checks.Single(check => check.Name == "Location names in the database").Evidence), StringComparison.Ordinal);
        Assert.Empty(cluster.Changes);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Theory]
    [InlineData("3.12.4", CheckStatus.Warning)]
    [InlineData("3.9.1", CheckStatus.Warning)]
    [InlineData(null, CheckStatus.Warning)]
    [InlineData("3.13.0", CheckStatus.Passed)]
    [InlineData("v3.15.1", CheckStatus.Passed)]
    [InlineData("latest", CheckStatus.Warning)]
    public async Task The_version_decides_how_writes_are_blocked(string? version, CheckStatus expected)
    {
        var check = Assert.Single(await RunAsync(Registry() with { Version = version }), check => check.Name == "Version");
        Assert.Equal(expected, check.Status);
        Assert.Equal(expected == CheckStatus.Warning, check.NextStep?.Contains("REGISTRY_STATE", StringComparison.Ordinal) == true);
    }

    [Theory]
    [InlineData("unavailable", "Quay is healthy", CheckStatus.Failed, "Available=False")]
    [InlineData("blocked", "Quay is healthy", CheckStatus.Failed, "RolloutBlocked=True")]
    [InlineData("no deployment", "Quay is healthy", CheckStatus.Failed, "there is no deployment")]
    [InlineData("rolling", "Quay is healthy", CheckStatus.Failed, "1 of 2 available")]
    [InlineData("unhealthy part", "Quay is healthy", CheckStatus.Failed, "storage is not healthy")]
    [InlineData("no pushes", "Writes are allowed", CheckStatus.Warning, "DISABLE_PUSHES")]
    [InlineData("managed", "Object storage component", CheckStatus.Warning, "operator manages")]
    [InlineData("two locations", "Storage locations", CheckStatus.Failed, "eu: RHOCSStorage")]
    [InlineData("no location", "Storage locations", CheckStatus.Failed, "no storage location")]
    [InlineData("azure", "Storage locations", CheckStatus.Failed, "not supported")]
    [InlineData("other path", "Settings that name locations", CheckStatus.Failed, "LOG_ARCHIVE_PATH is 'logs'")]
    [InlineData("lost setting", "Settings that name locations", CheckStatus.Warning, "LOG_ARCHIVE_LOCATION names 'gone'")]
    [InlineData("no patch", "Permissions", CheckStatus.Failed, "may not patch quayregistries.quay.redhat.com/registry in quay")]
    [InlineData("no leases", "Permissions", CheckStatus.Failed, "may not update leases.coordination.k8s.io in quay")]
    public async Task Tells_what_is_in_the_way(string obstacle, string name, CheckStatus status, string evidence)
    {
        using var cluster = Cluster();
        var quay = Registry();
        var location = quay.Locations[0];
        switch (obstacle)
        {
            case "unavailable": quay = quay with { Conditions = [new("Available", false, "MigrationsInProgress", null, null)] }; break;
            case "blocked": quay = quay with { Conditions = [.. quay.Conditions, new("RolloutBlocked", true, "ConfigInvalid", null, null)] }; break;
            case "no deployment": quay = quay with { Deployment = null }; break;
            case "rolling": quay = quay with { Deployment = quay.Deployment! with { Available = 1 } }; break;
            case "unhealthy part": quay = quay with { Health = new Dictionary<string, bool> { ["database"] = true, ["storage"] = false } }; break;
            case "no pushes": quay = quay with { State = QuayState.PushesDisabled }; break;
            case "managed": quay = quay with { IsStorageManaged = true }; break;
            case "two locations": quay = quay with { Locations = [location, location with { Name = "eu" }] }; break;
            case "no location": quay = quay with { Locations = [] }; break;
            case "azure": quay = quay with { Locations = [location with { Driver = "AzureStorage", Store = null, Problem = "not supported" }] }; break;
            case "other path": Config(cluster, "LOG_ARCHIVE_PATH: logs\nUSERFILES_PATH: userfiles/\n"); break;
            case "lost setting": Config(cluster, "LOG_ARCHIVE_LOCATION: gone\nUSERFILES_LOCATION: local_us\n"); break;
            case "no patch": cluster.Denied.Add("patch quayregistries.quay.redhat.com"); break;
            default: cluster.Denied.Add("update leases.coordination.k8s.io"); break;
        }

        var check = Assert.Single(await RunAsync(quay, cluster), check => check.Name == name);
        Assert.True(check.Status == status, $"{check}: {string.Join("; ", check.Evidence)}");
        Assert.Contains(evidence, string.Join("; ", check.Evidence), StringComparison.Ordinal);
        Assert.NotNull(check.NextStep);
    }

    [Fact]
    public async Task Of_several_locations_the_one_that_moves_has_to_be_named()
    {
        using var folder = new TemporaryFolder();
        var location = Registry().Locations[0];
        var quay = Registry() with { Locations = [location, location with { Name = "eu" }] };
        var unsaid = await Locations(new PreflightOptions { Destination = new RegistryStore(folder.Path) });
        Assert.Equal(CheckStatus.Failed, unsaid.Status);
        Assert.Contains("-Location", unsaid.NextStep, StringComparison.Ordinal);
        var unknown = await Locations(new PreflightOptions { Destination = new RegistryStore(folder.Path), Location = "us" });
        Assert.Equal(CheckStatus.Failed, unknown.Status);
        var said = await Locations(new PreflightOptions { Destination = new RegistryStore(folder.Path), Location = "eu" });
        Assert.Equal(CheckStatus.Warning, said.Status);
        Assert.Contains("local_us stay", said.NextStep, StringComparison.Ordinal);

        async Task<RegistryCheck> Locations(PreflightOptions options) => Assert.Single(await RunAsync(quay, null, options: options), check => check.Name == "Storage locations");
    }

    [Theory]
    [InlineData(true, CheckStatus.Passed)]
    [InlineData(false, CheckStatus.Warning)]
    public async Task Blobs_at_the_destination_are_ours_where_the_source_has_them(bool ours, CheckStatus expected)
    {
        using var source = new TemporaryFolder();
        using var destination = new TemporaryFolder();
        var blob = $"sha256/aa/aa{new string('0', 62)}";
        foreach (var folder in ours ? [source, destination] : new[] { destination })
        {
            var file = Path.Combine(folder.Path, blob);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            await File.WriteAllTextAsync(file, "blob", Cancellation);
        }

        var quay = Registry() with { Locations = [Registry().Locations[0] with { Store = new RegistryStore(source.Path) { Layout = LayoutKind.Quay, Root = "" } }] };
        Assert.Equal(expected, Assert.Single(await RunAsync(quay, destination: destination.Path), check => check.Name == Occupancy).Status);
    }

    [Fact]
    public async Task Clients_that_are_redirected_have_to_reach_the_new_host_and_a_server_that_does_not_answer_fails()
    {
        var store = new RegistryStore("s3://images") { S3 = new S3Options { Endpoint = new Uri("http://127.0.0.1:1"), AccessKey = "a", SecretKey = new Secret("b") } };
        var checks = await RunAsync(Registry(), options: new PreflightOptions { Destination = store });
        var clients = Assert.Single(checks, check => check.Name == "Clients reach the storage");
        Assert.Equal(CheckStatus.Warning, clients.Status);
        Assert.Contains("127.0.0.1:1", Assert.Single(clients.Evidence), StringComparison.Ordinal);
        Assert.All(["Destination is empty or ours", "Small object", "Large object in parts"], name => Assert.Equal(CheckStatus.Failed, Assert.Single(checks, check => check.Name == name).Status));
        Assert.Equal("RadosGWStorage in place of RHOCSStorage", Assert.Single(Assert.Single(checks, check => check.Name == "Driver").Evidence));

        var role = new RegistryStore("s3://images") { S3 = store.S3 with { RoleArn = "arn:aws:iam:::role/quay" } };
        var driver = Assert.Single(await RunAsync(Registry(), options: new PreflightOptions { Destination = role }), check => check.Name == "Driver");
        Assert.Equal(CheckStatus.Warning, driver.Status);
        Assert.Contains("AWS_ENDPOINT_URL_STS=http://127.0.0.1:1 ", driver.NextStep, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_standalone_quay_needs_no_cluster()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "config.yaml");
        await File.WriteAllTextAsync(path, "USERFILES_LOCATION: elsewhere\n", Cancellation);
        var quay = Registry() with { Namespace = null, ConfigurationPath = path, Deployment = null, Conditions = [], RenderedConfig = null, ConfigBundle = null };
        var checks = await RunAsync(quay, null);
        Assert.DoesNotContain(checks, check => check.Name is "Permissions" or "Object storage component");
        Assert.Equal(CheckStatus.Skipped, Assert.Single(checks, check => check.Name == "Quay is healthy").Status);
        Assert.Equal(CheckStatus.Warning, Assert.Single(checks, check => check.Name == "Settings that name locations").Status);
    }

    private static QuayRegistry Registry() => new()
    {
        Name = "registry",
        Namespace = Space,
        Version = "3.13.2",
        ConfigBundle = "bundle",
        RenderedConfig = Rendered,
        Locations = [new QuayStorageLocation { Name = "local_us", Driver = "RHOCSStorage", Store = new RegistryStore("s3://old") { S3 = new S3Options { Endpoint = new Uri("http://127.0.0.1:1"), AccessKey = "a", SecretKey = new Secret("b") }, Layout = LayoutKind.Quay, Root = "datastorage/registry" }, IsPreferred = true }],
        Preference = ["local_us"],
        Conditions = [new("Available", true, "HealthChecksPassing", null, null)],
        Deployment = new RegistryDeployment { Name = "registry-quay-app", Replicas = 2, Current = 2, Updated = 2, Ready = 2, Available = 2 },
    };

    private static FakeKubernetes Cluster()
    {
        var cluster = new FakeKubernetes();
        Config(cluster, "USERFILES_LOCATION: local_us\n");
        return cluster;
    }

    private static void Config(FakeKubernetes cluster, string yaml) => cluster.Put(
        ResourceTypes.Secrets, Space, Rendered, new JsonObject { ["data"] = new JsonObject { ["config.yaml"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(yaml)) } });

    private static async Task<List<RegistryCheck>> RunAsync(QuayRegistry quay, IKubernetesClient? cluster = null, string? destination = null, PreflightOptions? options = null)
    {
        var checks = new List<RegistryCheck>();
        var context = StoreContext.Create(TimeProvider.System, new RetryOptions { Attempts = 1 });
        options ??= new PreflightOptions { Destination = destination is null ? null : new RegistryStore(destination) };
        await foreach (var check in QuayPreflight.RunAsync(quay, cluster, options, context, Cancellation))
            checks.Add(check);
        return checks;
    }
}
