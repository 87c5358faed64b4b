using System.Text;
using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Tests.Support;
using RegistryMigration.Engine.Tests.Registries.StandIns;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Tests.Kubernetes.Requests;

public sealed class RequestTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_verb_goes_to_its_path_with_what_was_asked()
    {
        await using var server = new ApiServer(_ => ApiServer.Json("{}"));
        using var client = await server.ConnectAsync();

        await client.GetAsync(ResourceTypes.Deployments, "apps", "web", Token);
        await client.CreateAsync(ResourceTypes.ConfigMaps, "apps", Named("a"), WriteOptions.Default, Token);
        await client.ReplaceAsync(ResourceTypes.ConfigMaps, "apps", Named("a"), WriteOptions.Try, Token);
        await client.PatchAsync(ResourceTypes.ConfigMaps, "apps", "a", Patch.Merge(new JsonObject { ["data"] = null }), new WriteOptions { Strict = false }, Token);
        await client.PatchAsync(ResourceTypes.Deployments, "apps", "web", Patch.Operations(Patch.Operation("replace", "/spec/replicas", 2)) with { Subresource = "scale" }, WriteOptions.Default, Token);
        await client.PatchAsync(ResourceTypes.Leases, "apps", "l", new Patch(PatchKind.Apply, new JsonObject { ["spec"] = new JsonObject() }), new WriteOptions { Force = true }, Token);
        await client.DeleteAsync(ResourceTypes.Namespaces, null, "apps", new DeleteOptions { Propagation = "Foreground", Uid = "u", ResourceVersion = "7", DryRun = true }, Token);

        var strict = "fieldValidation=Strict&fieldManager=registry-migration";
        Assert.Equal(
            [
                "GET /apis/apps/v1/namespaces/apps/deployments/web",
                $"POST /api/v1/namespaces/apps/configmaps?{strict} application/json {{\"metadata\":{{\"name\":\"a\"}},\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\"}}",
                $"PUT /api/v1/namespaces/apps/configmaps/a?dryRun=All&{strict} application/json {{\"metadata\":{{\"name\":\"a\"}},\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\"}}",
                "PATCH /api/v1/namespaces/apps/configmaps/a?fieldManager=registry-migration application/merge-patch+json {\"data\":null}",
                $"PATCH /apis/apps/v1/namespaces/apps/deployments/web/scale?{strict} application/json-patch+json [{{\"op\":\"replace\",\"path\":\"/spec/replicas\",\"value\":2}}]",
                $"PATCH /apis/coordination.k8s.io/v1/namespaces/apps/leases/l?{strict}&force=true application/apply-patch+yaml {{\"spec\":{{}},\"apiVersion\":\"coordination.k8s.io/v1\",\"kind\":\"Lease\",\"metadata\":{{\"name\":\"l\"}}}}",
                "DELETE /api/v1/namespaces/apps application/json {\"apiVersion\":\"v1\",\"kind\":\"DeleteOptions\",\"propagationPolicy\":\"Foreground\",\"dryRun\":[\"All\"],\"preconditions\":{\"uid\":\"u\",\"resourceVersion\":\"7\"}}",
            ],
            server.Requests.Select(request => $"{request.Method} {request.Target} {request.Headers.GetValueOrDefault("Content-Type")} {Encoding.UTF8.GetString(request.Body)}".Trim()));
        Assert.All(server.Requests, request => Assert.Equal("Bearer t0ken", request.Authorization));
    }

    [Fact]
    public async Task A_server_below_a_path_keeps_its_path()
    {
        await using var server = new StandInServer(request => request.Path.EndsWith("/version", StringComparison.Ordinal) ? ApiServer.Json("""{"gitVersion":"v1.30.0"}""") : new StandInResponse(404, "404 page not found"u8.ToArray()));
        using var client = await KubernetesClients.ConnectAsync(new ClusterOptions { Server = new Uri(server.Url, "k8s/clusters/c-1") }, TimeProvider.System, Token);
        Assert.Equal("v1.30.0", client.Cluster.Version);
        Assert.All(server.Requests, request => Assert.StartsWith("/k8s/clusters/c-1/", request.Path, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Reads_are_sent_again_after_refusals_that_pass_and_cut_connections()
    {
        var attempt = 0;
        await using var server = new ApiServer(_ => ++attempt switch
        {
            1 => ApiServer.Refuse(429, "TooManyRequests", "slow down", headers: ("Retry-After", "1")),
            2 => ApiServer.Refuse(503, "ServiceUnavailable", "apiserver is shutting down"),
            3 => new StandInResponse(200, "{\"kind\":\"ConfigMap\"}"u8.ToArray()) { CutAfter = 5 },
            4 => new StandInResponse(502, "<html>bad gateway</html>"u8.ToArray()),
            _ => ApiServer.Json("""{"kind":"ConfigMap","metadata":{"name":"a"}}"""),
        });
        using var client = await server.ConnectAsync();
        Assert.Equal("a", (await client.GetAsync(ResourceTypes.ConfigMaps, "apps", "a", Token)).Name);
        Assert.Equal(5, attempt);
    }

    [Fact]
    public async Task Writes_are_sent_again_only_where_nothing_can_have_been_done()
    {
        var attempt = 0;
        await using var server = new ApiServer(_ => ++attempt switch
        {
            1 => ApiServer.Refuse(429, "TooManyRequests", "slow down"),
            2 => ApiServer.Json("{}"),
            3 => ApiServer.Refuse(500, "InternalError", "etcdserver: request timed out"),
            _ => new StandInResponse(200, "{}"u8.ToArray()) { CutAfter = 0 },
        });
        using var client = await server.ConnectAsync();

        await client.CreateAsync(ResourceTypes.ConfigMaps, "apps", Named("a"), WriteOptions.Default, Token);
        Assert.Equal(2, attempt);
        var failed = await Assert.ThrowsAsync<ClusterException>(() => client.CreateAsync(ResourceTypes.ConfigMaps, "apps", Named("a"), WriteOptions.Default, Token));
        Assert.Equal((ClusterErrorKind.Transient, 3), (failed.Kind, attempt));
        Assert.Contains("Whether the create was done is not known", failed.Message, StringComparison.Ordinal);
        var cut = await Assert.ThrowsAsync<ClusterException>(() => client.CreateAsync(ResourceTypes.ConfigMaps, "apps", Named("a"), WriteOptions.Default, Token));
        Assert.Equal((ClusterErrorKind.Transient, 4), (cut.Kind, attempt));
        Assert.Contains("Whether the create was done is not known", cut.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_went_away_is_waited_for_even_by_writes_and_then_named()
    {
        var server = new ApiServer(_ => ApiServer.Json("{}"));
        using var client = await server.ConnectAsync();
        await client.GetAsync(ResourceTypes.ConfigMaps, "apps", "a", Token);
        await server.DisposeAsync();
        var error = await Assert.ThrowsAsync<ClusterException>(() => client.CreateAsync(ResourceTypes.ConfigMaps, "apps", Named("a"), WriteOptions.Default, Token));
        Assert.Equal(ClusterErrorKind.Unreachable, error.Kind);
        Assert.DoesNotContain("not known", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_says_nothing_is_given_up()
    {
        await using var server = new ApiServer(_ => new StandInResponse(200, "{}"u8.ToArray()) { StallAfter = 1 });
        using var client = await KubernetesClients.ConnectAsync(new ClusterOptions { Server = server.Url, Timeout = TimeSpan.FromSeconds(2) }, TimeProvider.System, Token);
        var error = await Assert.ThrowsAsync<ClusterException>(() => client.PatchAsync(ResourceTypes.ConfigMaps, "apps", "a", Patch.Merge([]), WriteOptions.Default, Token));
        Assert.Contains("did not move a byte", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_renewed_token_is_used_after_a_refusal()
    {
        using var folder = new TemporaryFolder();
        var token = folder.Write("token", "old");
        var config = folder.Write("config", "");
        await using var server = new ApiServer(request => request.Authorization == "Bearer new" ? ApiServer.Json("""{"metadata":{"name":"a"}}""") : ApiServer.Refuse(401, "Unauthorized", "Unauthorized"));
        folder.Write("config", $"current-context: a\ncontexts: [{{name: a, context: {{cluster: c, user: u}}}}]\nclusters: [{{name: c, cluster: {{server: '{server.Url}'}}}}]\nusers: [{{name: u, user: {{tokenFile: token}}}}]\n");
        using var client = await server.ConnectAsync(new ClusterOptions { KubeConfig = [config] });
        await File.WriteAllTextAsync(token, "new", Token);
        Assert.Equal("a", (await client.GetAsync(ResourceTypes.ConfigMaps, "apps", "a", Token)).Name);
        Assert.Equal(["Bearer old", "Bearer new"], server.Requests.Select(request => request.Authorization));
    }

    [Fact]
    public async Task Impersonation_is_asked_for()
    {
        using var folder = new TemporaryFolder();
        await using var server = new ApiServer(_ => ApiServer.Json("{}"));
        var config = folder.Write("config", $"current-context: a\ncontexts: [{{name: a, context: {{cluster: c, user: u}}}}]\nclusters: [{{name: c, cluster: {{server: '{server.Url}'}}}}]\nusers: [{{name: u, user: {{as: bob, as-groups: [ops]}}}}]\n");
        using var client = await server.ConnectAsync(new ClusterOptions { KubeConfig = [config] });
        await client.GetAsync(ResourceTypes.ConfigMaps, "apps", "a", Token);
        Assert.Equal(("bob", "ops"), (server.Requests[0].Headers["Impersonate-User"], server.Requests[0].Headers["Impersonate-Group"]));
    }

    [Fact]
    public async Task What_a_cluster_says_of_itself_leads_back_to_it_and_holds_no_secret()
    {
        await using var server = new ApiServer(_ => ApiServer.Json("{}"));
        using var client = await server.ConnectAsync();
        var cluster = client.Cluster;
        Assert.Equal(("tester", "v1.29.4", server.Url), (cluster.UserName, cluster.Version, cluster.Server));
        Assert.DoesNotContain("t0ken", $"{cluster} {cluster.Options} {System.Text.Json.JsonSerializer.Serialize(cluster)}", StringComparison.Ordinal);
        using var again = await KubernetesClients.ConnectAsync(cluster.Options, TimeProvider.System, Token);
        Assert.Equal(server.Url, again.Cluster.Server);
    }

    private static JsonObject Named(string name) => new() { ["metadata"] = new JsonObject { ["name"] = name } };
}
