using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Tests.Support;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Tests.Kubernetes.Requests;

public sealed class PagingTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pages_are_followed_and_items_say_what_they_are()
    {
        await using var server = new ApiServer(request => request.Query("continue") is ["p2"] ? Page(null, "c") : Page("p2", "a", "b"));
        using var client = await server.ConnectAsync();
        var found = await client.ListAsync(ResourceTypes.ConfigMaps, "apps", new ListOptions { PageSize = 2, Labels = "app=x,tier!=y", Fields = "metadata.name!=z" }, Token).ToListAsync(Token);
        Assert.Equal(["ConfigMap/a", "ConfigMap/b", "ConfigMap/c"], found.Select(item => item.ToString()));
        Assert.All(server.Requests, request => Assert.Equal(("2", "app=x,tier!=y", "metadata.name!=z"), (request.Query("limit")[0], request.Query("labelSelector")[0], request.Query("fieldSelector")[0])));
        Assert.Equal("/api/v1/namespaces/apps/configmaps", server.Requests[0].Path);
    }

    [Fact]
    public async Task All_namespaces_are_one_list()
    {
        await using var server = new ApiServer(_ => Page(null));
        using var client = await server.ConnectAsync();
        Assert.Empty(await client.ListAsync(ResourceTypes.Pods, null, ListOptions.All, Token).ToListAsync(Token));
        Assert.Equal("/api/v1/pods", server.Requests[0].Path);
    }

    [Fact]
    public async Task A_page_that_expired_starts_the_list_again_and_tells_nothing_twice()
    {
        var asked = 0;
        await using var server = new ApiServer(request => request.Query("continue") switch
        {
            [] => Page(++asked == 1 ? "old" : "new", "a", "b"),
            ["old"] => ApiServer.Refuse(410, "Expired", "The provided continue parameter is too old"),
            _ => Page(null, "c"),
        });
        using var client = await server.ConnectAsync();
        var found = await client.ListAsync(ResourceTypes.ConfigMaps, "apps", ListOptions.All, Token).ToListAsync(Token);
        Assert.Equal(["a", "b", "c"], found.Select(item => item.Name));
    }

    [Fact]
    public async Task A_list_that_expires_again_and_again_fails()
    {
        await using var server = new ApiServer(request => request.Query("continue") is [] ? Page("old", "a") : ApiServer.Refuse(410, "Expired", "too old"));
        using var client = await server.ConnectAsync();
        var error = await Assert.ThrowsAsync<ClusterException>(async () => await client.ListAsync(ResourceTypes.ConfigMaps, "apps", ListOptions.All, Token).ToListAsync(Token));
        Assert.Equal(ClusterErrorKind.Expired, error.Kind);
    }

    private static Engine.Tests.Registries.StandIns.StandInResponse Page(string? next, params string[] names)
    {
        var items = string.Join(',', names.Select(name => $$$"""{"metadata":{"name":"{{{name}}}","uid":"uid-{{{name}}}"}}"""));
        return ApiServer.Json($$$"""{"kind":"List","metadata":{"resourceVersion":"9","continue":"{{{next}}}"},"items":[{{{items}}}]}""");
    }
}
