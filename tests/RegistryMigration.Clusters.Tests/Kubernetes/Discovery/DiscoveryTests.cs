using System.Text;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Tests.Support;
using RegistryMigration.Engine.Tests.Registries.StandIns;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Tests.Kubernetes.Discovery;

public sealed class DiscoveryTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_type_is_found_in_whatever_version_is_served_and_remembered()
    {
        await using var server = new ApiServer(request => request.Path switch
        {
            "/apis/batch" => ApiServer.Json("""{"kind":"APIGroup","versions":[{"version":"v1beta1"},{"version":"v1"}],"preferredVersion":{"version":"v1"}}"""),
            "/apis/batch/v1" => ApiServer.Json("""{"resources":[{"name":"jobs","kind":"Job","namespaced":true}]}"""),
            "/apis/batch/v1beta1" => ApiServer.Json("""{"resources":[{"name":"cronjobs","kind":"CronJob","namespaced":true},{"name":"cronjobs/status","kind":"CronJob","namespaced":true}]}"""),
            "/api/v1" => ApiServer.Json("""{"resources":[{"name":"nodes","kind":"Node","namespaced":false}]}"""),
            _ => new StandInResponse(404, "404 page not found"u8.ToArray()),
        });
        using var client = await server.ConnectAsync();
        Assert.Equal(new ResourceType("batch", "v1beta1", "cronjobs", "CronJob"), await client.DiscoverAsync("batch", "cronjobs", Token));
        var asked = server.Requests.Count;
        await client.DiscoverAsync("batch", "cronjobs", Token);
        Assert.Equal(asked, server.Requests.Count);
        Assert.Equal(ResourceTypes.Nodes, await client.DiscoverAsync("", "nodes", Token));
        Assert.Null(await client.DiscoverAsync("batch", "widgets", Token));
        Assert.Null(await client.DiscoverAsync("route.openshift.io", "routes", Token));
    }

    [Fact]
    public async Task Rights_are_asked_for_by_verb_resource_and_name()
    {
        await using var server = new ApiServer(_ => ApiServer.Json("""{"status":{"allowed":true}}""", 201));
        using var client = await server.ConnectAsync();
        Assert.True(await client.MayAsync("create", ResourceTypes.Pods with { Plural = "pods/exec" }, "apps", "web-1", Token));
        Assert.EndsWith("\"spec\":{\"resourceAttributes\":{\"verb\":\"create\",\"group\":\"\",\"version\":\"v1\",\"resource\":\"pods\",\"subresource\":\"exec\",\"namespace\":\"apps\",\"name\":\"web-1\"}}}", Encoding.UTF8.GetString(server.Requests.Single().Body), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_we_are_is_asked_of_openshift_or_read_from_the_token_where_kubernetes_does_not_tell()
    {
        await using var openshift = new StandInServer(request => request.Path switch
        {
            "/version" => ApiServer.Refuse(403, "Forbidden", """forbidden: User "kube:admin" cannot get path "/version": """),
            "/apis/user.openshift.io/v1/users/~" => ApiServer.Json("""{"kind":"User","metadata":{"name":"kube:admin"}}"""),
            _ => new StandInResponse(404, "404 page not found"u8.ToArray()),
        });
        using var client = await KubernetesClients.ConnectAsync(new ClusterOptions { Server = openshift.Url, Token = new Secret("x") }, TimeProvider.System, Token);
        Assert.Equal(("kube:admin", null), (client.Cluster.UserName, client.Cluster.Version));

        await using var plain = new StandInServer(request => request.Path == "/version" ? ApiServer.Json("""{"gitVersion":"v1.20.2"}""") : new StandInResponse(404, "404 page not found"u8.ToArray()));
        var payload = Convert.ToBase64String("""{"sub":"system:serviceaccount:apps:migrator"}"""u8).TrimEnd('=');
        using var account = await KubernetesClients.ConnectAsync(new ClusterOptions { Server = plain.Url, Token = new Secret($"h.{payload}.s") }, TimeProvider.System, Token);
        Assert.Equal("system:serviceaccount:apps:migrator", account.Cluster.UserName);
        using var opaque = await KubernetesClients.ConnectAsync(new ClusterOptions { Server = plain.Url, Token = new Secret("sha256~x") }, TimeProvider.System, Token);
        Assert.Null(opaque.Cluster.UserName);
    }
}
