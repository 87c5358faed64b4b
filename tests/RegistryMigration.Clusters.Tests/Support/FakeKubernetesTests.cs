using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Tests.Support;

/// <summary>The cluster in memory refuses and changes what a real one does: see <c>RealServerTests</c> for the same on a real one.</summary>
public sealed class FakeKubernetesTests
{
    private readonly FakeKubernetes _cluster = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Objects_are_made_changed_and_deleted()
    {
        var made = await _cluster.CreateAsync(ResourceTypes.ConfigMaps, "apps", Map("1"), WriteOptions.Default, Token);
        await FailAsync(ClusterErrorKind.Conflict, _cluster.CreateAsync(ResourceTypes.ConfigMaps, "apps", Map("1"), WriteOptions.Default, Token));
        var tried = await _cluster.PatchAsync(ResourceTypes.ConfigMaps, "apps", "a", Patch.Merge(new JsonObject { ["data"] = new JsonObject { ["k"] = "2" } }), WriteOptions.Try, Token);
        Assert.Equal(("2", "1"), (tried.Text("data", "k"), _cluster.Peek(ResourceTypes.ConfigMaps, "apps", "a")?.Text("data", "k")));

        var merged = await _cluster.PatchAsync(ResourceTypes.ConfigMaps, "apps", "a", Patch.Merge(new JsonObject { ["data"] = new JsonObject { ["k"] = null, ["l"] = "3" } }), WriteOptions.Default, Token);
        Assert.Equal((null, "3"), (merged.Text("data", "k"), merged.Text("data", "l")));
        await FailAsync(ClusterErrorKind.Conflict, _cluster.ReplaceAsync(ResourceTypes.ConfigMaps, "apps", made.Json, WriteOptions.Default, Token));
        await FailAsync(ClusterErrorKind.Invalid, _cluster.PatchAsync(ResourceTypes.ConfigMaps, "apps", "a", Patch.Operations(Patch.UnchangedSince(made)), WriteOptions.Default, Token));
        await FailAsync(ClusterErrorKind.Invalid, _cluster.PatchAsync(ResourceTypes.ConfigMaps, "apps", "a", Patch.Operations(Patch.Operation("replace", "/data/missing", "x")), WriteOptions.Default, Token));
        await _cluster.PatchAsync(ResourceTypes.ConfigMaps, "apps", "a", Patch.Operations(Patch.UnchangedSince(merged), Patch.Operation("add", "/data/a~1b", "x"), Patch.Operation("remove", "/data/l", null)), WriteOptions.Default, Token);
        Assert.Equal("""{"a/b":"x"}""", _cluster.Peek(ResourceTypes.ConfigMaps, "apps", "a")?.Section("data")?.ToJsonString());

        await FailAsync(ClusterErrorKind.Conflict, _cluster.DeleteAsync(ResourceTypes.ConfigMaps, "apps", "a", new DeleteOptions { Uid = "other" }, Token));
        Assert.True(await _cluster.DeleteAsync(ResourceTypes.ConfigMaps, "apps", "a", DeleteOptions.Default, Token));
        Assert.False(await _cluster.DeleteAsync(ResourceTypes.ConfigMaps, "apps", "a", DeleteOptions.Default, Token));
    }

    [Fact]
    public async Task The_generation_counts_changes_of_the_spec_and_status_is_apart()
    {
        _cluster.Put(ResourceTypes.Deployments, "apps", "web", """{"spec":{"replicas":1}}""");
        var status = await _cluster.PatchAsync(ResourceTypes.Deployments, "apps", "web", Patch.Merge(new JsonObject { ["status"] = new JsonObject { ["replicas"] = 1 }, ["spec"] = new JsonObject { ["replicas"] = 9 } }, "status"), WriteOptions.Default, Token);
        Assert.Equal((1, 1, 1), (status.Generation, status.Number("spec", "replicas"), status.Number("status", "replicas")));
        var spec = await _cluster.PatchAsync(ResourceTypes.Deployments, "apps", "web", Patch.Merge(new JsonObject { ["spec"] = new JsonObject { ["replicas"] = 2 }, ["status"] = null }), WriteOptions.Default, Token);
        Assert.Equal((2, 2, 1), (spec.Generation, spec.Number("spec", "replicas"), spec.Number("status", "replicas")));
    }

    [Fact]
    public async Task Refusals_are_made_at_will_and_requests_are_on_record()
    {
        _cluster.Denied.Add("delete secrets");
        _cluster.Before = request => request.Verb == "get" ? throw new ClusterException(ClusterErrorKind.Transient, "503") : Task.CompletedTask;
        await FailAsync(ClusterErrorKind.Denied, _cluster.DeleteAsync(ResourceTypes.Secrets, "apps", "s", DeleteOptions.Default, Token));
        await FailAsync(ClusterErrorKind.Transient, _cluster.FindAsync(ResourceTypes.Secrets, "apps", "s", Token));
        Assert.False(await _cluster.MayAsync("delete", ResourceTypes.Secrets, "apps", null, Token));
        Assert.Equal(["delete secrets/s in apps", "get secrets/s in apps"], _cluster.Requests.Select(request => request.ToString()));
    }

    [Fact]
    public async Task A_watch_sees_what_matches()
    {
        _cluster.Put(ResourceTypes.Pods, "apps", "one", """{"metadata":{"labels":{"app":"x"}}}""");
        await using var watch = _cluster.WatchAsync(ResourceTypes.Pods, "apps", new ListOptions { Labels = "app=x" }, Token).GetAsyncEnumerator(Token);
        var seen = new List<string>();
        async Task NextAsync(int count)
        {
            while (count-- > 0 && await watch.MoveNextAsync())
                seen.Add($"{watch.Current.Kind} {watch.Current.Resource?.Name}".Trim());
        }

        await NextAsync(2);
        _cluster.Put(ResourceTypes.Pods, "apps", "other", """{"metadata":{"labels":{"app":"y"}}}""");
        _cluster.Put(ResourceTypes.Pods, "apps", "two", """{"metadata":{"labels":{"app":"x"}}}""");
        _cluster.Edit(ResourceTypes.Pods, "apps", "one", pod => pod["metadata"]!["labels"]!["app"] = "y");
        _cluster.Take(ResourceTypes.Pods, "apps", "two");
        await NextAsync(3);
        Assert.Equal(["Added one", "Synced", "Added two", "Deleted one", "Deleted two"], seen);
    }

    private static JsonObject Map(string value) => new() { ["metadata"] = new JsonObject { ["name"] = "a" }, ["data"] = new JsonObject { ["k"] = value } };

    private static async Task FailAsync(ClusterErrorKind kind, Task asked) => Assert.Equal(kind, (await Assert.ThrowsAsync<ClusterException>(() => asked)).Kind);
}
