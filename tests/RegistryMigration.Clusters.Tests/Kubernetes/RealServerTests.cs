using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Tests.Lab;
using RegistryMigration.Clusters.Tests.Support;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Tests.Kubernetes;

/// <summary>The client against a real API server.</summary>
public sealed class RealServerTests(KubeLab lab)
{
    private static readonly ResourceType Configs = new("imageregistry.operator.openshift.io", "v1", "configs", "Config", Namespaced: false);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("admin", "token")]
    [InlineData("admin-certificate", "certificate")]
    public async Task A_kubeconfig_leads_to_it(string context, string way)
    {
        await lab.RequireAsync();
        using var client = await KubernetesClients.ConnectAsync(new ClusterOptions { KubeConfig = [lab.Cluster.Kube.Kubeconfig], Context = context }, TimeProvider.System, Token);
        Assert.StartsWith("v1.20", client.Cluster.Version, StringComparison.Ordinal);
        // Kubernetes 1.20 does not tell who we are; a certificate does.
        Assert.Equal(way == "certificate" ? "admin" : null, client.Cluster.UserName);
        Assert.True(await client.MayAsync("delete", ResourceTypes.Namespaces, null, null, Token));
    }

    [Fact]
    public async Task Another_authority_and_a_wrong_token_are_refused()
    {
        await lab.RequireAsync();
        using var folder = new TemporaryFolder();
        var options = lab.Cluster.Options();
        var unknown = await Assert.ThrowsAsync<ClusterException>(() => KubernetesClients.ConnectAsync(options with { Tls = new TlsOptions() }, TimeProvider.System, Token));
        Assert.Equal(ClusterErrorKind.Certificate, unknown.Kind);
        var wrong = await Assert.ThrowsAsync<ClusterException>(() => KubernetesClients.ConnectAsync(options with { Token = new Secret("s3cret-guess") }, TimeProvider.System, Token));
        Assert.Equal(ClusterErrorKind.Unauthenticated, wrong.Kind);
        Assert.DoesNotContain("s3cret-guess", wrong.ToString(), StringComparison.Ordinal);
        using var trusting = await KubernetesClients.ConnectAsync(options with { Tls = new TlsOptions { SkipCertificateCheck = true } }, TimeProvider.System, Token);
        Assert.True(trusting.Cluster.Options.Tls.SkipCertificateCheck);
    }

    [Fact]
    public async Task The_name_of_the_certificate_can_be_another_than_the_addresss()
    {
        await lab.RequireAsync();
        using var folder = new TemporaryFolder();
        var kube = lab.Cluster.Kube;
        string Config(string name) => folder.Write(name, $"""
            current-context: a
            contexts: [{"{"}name: a, context: {"{"}cluster: c, user: u{"}"}{"}"}]
            clusters: [{"{"}name: c, cluster: {"{"}server: "{kube.Server}", certificate-authority: {kube.CertificateAuthority}, tls-server-name: {name}{"}"}{"}"}]
            users: [{"{"}name: u, user: {"{"}token: {kube.AdminToken}{"}"}{"}"}]
            """);
        using var client = await KubernetesClients.ConnectAsync(new ClusterOptions { KubeConfig = [Config("kubernetes.default.svc")] }, TimeProvider.System, Token);
        var error = await Assert.ThrowsAsync<ClusterException>(() => KubernetesClients.ConnectAsync(new ClusterOptions { KubeConfig = [Config("other.test")] }, TimeProvider.System, Token));
        Assert.Equal(ClusterErrorKind.Certificate, error.Kind);
    }

    [Fact]
    public async Task A_proxy_of_the_kubeconfig_is_gone_through_and_its_password_is_never_shown()
    {
        await lab.RequireAsync("proxy");
        using var folder = new TemporaryFolder();
        var (kube, proxy) = (lab.Cluster.Kube, lab.Servers.Proxy);
        string Config(string name, string password) => folder.Write(name, $$"""
            current-context: a
            contexts: [{name: a, context: {cluster: c, user: u} }]
            clusters: [{name: c, cluster: {server: "{{kube.Server}}", certificate-authority: {{kube.CertificateAuthority}}, proxy-url: "http://{{proxy.User}}:{{password}}@{{proxy.Url.Authority}}"} }]
            users: [{name: u, user: {token: "{{kube.AdminToken}}"} }]
            """);
        using var client = await KubernetesClients.ConnectAsync(new ClusterOptions { KubeConfig = [Config("right", proxy.Password)] }, TimeProvider.System, Token);
        Assert.StartsWith("v1.20", client.Cluster.Version, StringComparison.Ordinal);
        Assert.Contains(kube.Server.Authority, await File.ReadAllTextAsync(proxy.LogFile, Token), StringComparison.Ordinal);
        Assert.DoesNotContain(proxy.Password, client.Cluster.ToString(), StringComparison.Ordinal);
        var refused = await Assert.ThrowsAsync<ClusterException>(() => KubernetesClients.ConnectAsync(new ClusterOptions { KubeConfig = [Config("wrong", "s3cret-guess")] }, TimeProvider.System, Token));
        Assert.Equal(ClusterErrorKind.Unauthenticated, refused.Kind);
        Assert.Contains("user and password", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret-guess", refused.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Objects_are_made_changed_and_deleted()
    {
        using var client = await ConnectAsync();
        var space = await lab.Cluster.CreateNamespaceAsync();

        var tried = await client.CreateAsync(ResourceTypes.ConfigMaps, space, Map("a", "1"), WriteOptions.Try, Token);
        Assert.NotNull(tried.Uid);
        Assert.Null(await client.FindAsync(ResourceTypes.ConfigMaps, space, "a", Token));
        var made = await client.CreateAsync(ResourceTypes.ConfigMaps, space, Map("a", "1"), WriteOptions.Default, Token);
        Assert.Equal("AlreadyExists", (await FailAsync(ClusterErrorKind.Conflict, client.CreateAsync(ResourceTypes.ConfigMaps, space, Map("a", "1"), WriteOptions.Default, Token))).Reason);

        var merged = await client.PatchAsync(ResourceTypes.ConfigMaps, space, "a", Patch.Merge(new JsonObject { ["data"] = new JsonObject { ["k"] = "2", ["l"] = "3" } }), WriteOptions.Default, Token);
        Assert.Equal(("2", "3"), (merged.Text("data", "k"), merged.Text("data", "l")));
        await FailAsync(ClusterErrorKind.Conflict, client.ReplaceAsync(ResourceTypes.ConfigMaps, space, made.Json, WriteOptions.Default, Token));
        await FailAsync(ClusterErrorKind.Invalid, client.PatchAsync(ResourceTypes.ConfigMaps, space, "a", Patch.Operations(Patch.UnchangedSince(made), Patch.Operation("replace", "/data/k", "9")), WriteOptions.Default, Token));
        var operated = await client.PatchAsync(ResourceTypes.ConfigMaps, space, "a", Patch.Operations(Patch.UnchangedSince(merged), Patch.Operation("replace", "/data/k", "9")), WriteOptions.Default, Token);
        Assert.Equal("9", operated.Text("data", "k"));

        var applied = new Patch(PatchKind.Apply, new JsonObject { ["data"] = new JsonObject { ["k"] = "applied" } });
        var fresh = await client.PatchAsync(ResourceTypes.ConfigMaps, space, "b", applied, WriteOptions.Default, Token);
        Assert.Equal(("applied", "registry-migration"), (fresh.Text("data", "k"), (string?)fresh.Items("metadata", "managedFields").First()["manager"]));

        await FailAsync(ClusterErrorKind.Conflict, client.DeleteAsync(ResourceTypes.ConfigMaps, space, "a", new DeleteOptions { Uid = Guid.NewGuid().ToString() }, Token));
        Assert.True(await client.DeleteAsync(ResourceTypes.ConfigMaps, space, "a", new DeleteOptions { Uid = made.Uid, DryRun = true }, Token));
        Assert.True(await client.DeleteAsync(ResourceTypes.ConfigMaps, space, "a", new DeleteOptions { Uid = made.Uid, Propagation = "Foreground" }, Token));
        Assert.False(await client.DeleteAsync(ResourceTypes.ConfigMaps, space, "gone", DeleteOptions.Default, Token));
    }

    [Fact]
    public async Task Long_lists_come_in_pages_and_by_label()
    {
        using var client = await ConnectAsync();
        var space = await lab.Cluster.CreateNamespaceAsync();
        foreach (var i in Enumerable.Range(0, 7))
        {
            var map = Map($"m{i}", "v");
            map["metadata"]!["labels"] = new JsonObject { ["half"] = i % 2 == 0 ? "even" : "odd" };
            await client.CreateAsync(ResourceTypes.ConfigMaps, space, map, WriteOptions.Default, Token);
        }

        // The cluster puts one of its own into every namespace.
        var names = await client.ListAsync(ResourceTypes.ConfigMaps, space, new ListOptions { PageSize = 2, Labels = "half" }, Token).Select(item => item.Name).ToListAsync(Token);
        Assert.Equal(["m0", "m1", "m2", "m3", "m4", "m5", "m6"], names);
        Assert.Equal(3, await client.ListAsync(ResourceTypes.ConfigMaps, space, new ListOptions { Labels = "half=odd" }, Token).CountAsync(Token));
        Assert.Equal("m3", (await client.ListAsync(ResourceTypes.ConfigMaps, space, ListOptions.Named("m3"), Token).SingleAsync(Token)).Name);
    }

    [Fact]
    public async Task Status_is_changed_apart_from_the_rest()
    {
        using var client = await ConnectAsync();
        var name = $"other-{Guid.NewGuid():n}";
        await client.CreateAsync(Configs, null, new JsonObject { ["metadata"] = new JsonObject { ["name"] = name }, ["spec"] = new JsonObject { ["replicas"] = 1 } }, WriteOptions.Default, Token);
        var patched = await client.PatchAsync(Configs, null, name, Patch.Merge(new JsonObject { ["status"] = new JsonObject { ["observedGeneration"] = 1, ["storage"] = new JsonObject(), ["storageManaged"] = false }, ["spec"] = new JsonObject { ["replicas"] = 5 } }, "status"), WriteOptions.Default, Token);
        Assert.Equal((1, 1, 1), (patched.Number("status", "observedGeneration"), patched.Number("spec", "replicas"), patched.Generation));
        Assert.True(await client.DeleteAsync(Configs, null, name, DeleteOptions.Default, Token));
    }

    [Fact]
    public async Task A_watch_tells_of_changes()
    {
        using var client = await ConnectAsync();
        var space = await lab.Cluster.CreateNamespaceAsync();
        await client.CreateAsync(ResourceTypes.Secrets, space, new JsonObject { ["metadata"] = new JsonObject { ["name"] = "first", ["labels"] = new JsonObject { ["mine"] = "yes" } } }, WriteOptions.Default, Token);
        var seen = new List<string>();
        await foreach (var change in client.WatchAsync(ResourceTypes.Secrets, space, new ListOptions { Labels = "mine=yes" }, Token))
        {
            seen.Add($"{change.Kind} {change.Resource?.Name}".Trim());
            if (change.Kind == WatchEventKind.Synced)
                await client.PatchAsync(ResourceTypes.Secrets, space, "first", Patch.Merge(new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["more"] = "yes" } } }), WriteOptions.Default, Token);
            if (change.Kind == WatchEventKind.Modified)
                await client.DeleteAsync(ResourceTypes.Secrets, space, "first", DeleteOptions.Default, Token);
            if (change.Kind == WatchEventKind.Deleted)
                break;
        }

        Assert.Equal(["Added first", "Synced", "Modified first", "Deleted first"], seen);
    }

    [Fact]
    public async Task What_is_not_served_and_what_is_not_allowed_is_named()
    {
        using var client = await ConnectAsync();
        Assert.Equal(Configs, await client.DiscoverAsync(Configs.Group, "configs", Token));
        Assert.Equal("v1beta1", (await client.DiscoverAsync("batch", "cronjobs", Token))?.Version);
        Assert.Null(await client.DiscoverAsync("goharbor.io", "harborclusters", Token));
        await FailAsync(ClusterErrorKind.NotServed, client.FindAsync(new ResourceType("goharbor.io", "v1beta1", "harborclusters", "HarborCluster"), "harbor", "a", Token));

        using var nobody = await ConnectAsync("nobody");
        var denied = await FailAsync(ClusterErrorKind.Denied, nobody.PatchAsync(Configs, null, "cluster", Patch.Merge([]), WriteOptions.Default, Token));
        Assert.StartsWith("The account 'nobody' may not patch configs.imageregistry.operator.openshift.io/cluster. Grant it the verb 'patch'", denied.Message, StringComparison.Ordinal);
        Assert.False(await nobody.MayAsync("patch", Configs, null, "cluster", Token));
    }

    [Fact]
    public async Task Work_goes_on_over_a_restart_of_the_server()
    {
        await lab.RequireAsync();
        await using var own = await lab.StartOwnClusterAsync();
        using var client = await KubernetesClients.ConnectAsync(own.Options(), TimeProvider.System, Token);
        var space = await own.CreateNamespaceAsync();
        await using var watch = client.WatchAsync(ResourceTypes.Leases, space, ListOptions.All, Token).GetAsyncEnumerator(Token);
        Assert.True(await watch.MoveNextAsync());
        Assert.Equal(WatchEventKind.Synced, watch.Current.Kind);

        var restarting = own.RestartApiServerAsync(TimeSpan.FromSeconds(1));
        var next = watch.MoveNextAsync();
        await restarting;
        await client.CreateAsync(ResourceTypes.Leases, space, new JsonObject { ["metadata"] = new JsonObject { ["name"] = "after" } }, WriteOptions.Default, Token);

        Assert.True(await next);
        Assert.Equal((WatchEventKind.Added, "after"), (watch.Current.Kind, watch.Current.Resource?.Name));
    }

    private static JsonObject Map(string name, string value) => new() { ["metadata"] = new JsonObject { ["name"] = name }, ["data"] = new JsonObject { ["k"] = value } };

    private static async Task<ClusterException> FailAsync(ClusterErrorKind kind, Task asked)
    {
        var error = await Assert.ThrowsAsync<ClusterException>(() => asked);
        Assert.Equal(kind, error.Kind);
        return error;
    }

    private async Task<IKubernetesClient> ConnectAsync(string user = "admin")
    {
        await lab.RequireAsync();
        return await KubernetesClients.ConnectAsync(lab.Cluster.Options(user), TimeProvider.System, Token);
    }
}
