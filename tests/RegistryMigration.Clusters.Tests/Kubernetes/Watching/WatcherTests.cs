using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Tests.Support;
using RegistryMigration.Engine.Tests.Registries.StandIns;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Tests.Kubernetes.Watching;

public sealed class WatcherTests
{
    private const string Expired = """{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"too old resource version"}}""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_there_comes_first_then_every_change()
    {
        await using var server = new ApiServer(request => request.Query("watch") is []
            ? List("5", Object("a", 1), Object("b", 2))
            : ApiServer.Lines([Event("MODIFIED", Object("a", 6)), Event("DELETED", Object("b", 7)), Event("ADDED", Object("c", 8))], LinesEnd.Open));
        Assert.Equal(["Added a1", "Added b2", "Synced", "Modified a6", "Deleted b7", "Added c8"], await TakeAsync(server, 6));
        Assert.Equal(("5", "true"), (server.Requests[1].Query("resourceVersion")[0], server.Requests[1].Query("allowWatchBookmarks")[0]));
    }

    [Theory]
    [InlineData(LinesEnd.Complete)]
    [InlineData(LinesEnd.Cut)]
    internal async Task After_an_end_or_a_cut_it_goes_on_from_the_last_bookmark(LinesEnd end)
    {
        await using var server = new ApiServer(request => (request.Query("watch"), request.Query("resourceVersion")) switch
        {
            ([], _) => List("5", Object("a", 1)),
            (_, ["5"]) => ApiServer.Lines([Event("MODIFIED", Object("a", 6)), """{"type":"BOOKMARK","object":{"kind":"ConfigMap","metadata":{"resourceVersion":"90"}}}"""], end),
            (_, ["90"]) => ApiServer.Lines([Event("MODIFIED", Object("a", 91))], LinesEnd.Open),
            _ => ApiServer.Refuse(500, "Unexpected", "wrong version"),
        });
        Assert.Equal(["Added a1", "Synced", "Modified a6", "Modified a91"], await TakeAsync(server, 4));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task After_410_a_new_list_tells_only_of_differences_and_of_what_is_gone(bool atOnce)
    {
        var lists = 0;
        await using var server = new ApiServer(request => (request.Query("watch"), request.Query("resourceVersion")) switch
        {
            ([], _) => ++lists == 1 ? List("5", Object("same", 1), Object("changed", 2), Object("gone", 3), Object("again", 4)) : List("50", Object("same", 1), Object("changed", 20), Object("again", 40, "other"), Object("new", 41)),
            (_, ["5"]) => atOnce ? ApiServer.Refuse(410, "Expired", "too old resource version") : ApiServer.Lines([Expired]),
            _ => ApiServer.Lines([Event("MODIFIED", Object("new", 51))], LinesEnd.Open),
        });
        Assert.Equal(
            ["Added same1", "Added changed2", "Added gone3", "Added again4", "Synced", "Modified changed20", "Deleted again4", "Added again40", "Added new41", "Deleted gone3", "Modified new51"],
            await TakeAsync(server, 11));
    }

    [Fact]
    public async Task A_server_that_restarts_is_waited_for()
    {
        var turns = 0;
        await using var server = new ApiServer(request => request.Query("watch") is [] ? List("5") : ++turns switch
        {
            < 25 => ApiServer.Refuse(503, "ServiceUnavailable", "starting"),
            _ => ApiServer.Lines([Event("ADDED", Object("a", 6))], LinesEnd.Open),
        });
        Assert.Equal(["Synced", "Added a6"], await TakeAsync(server, 2));
    }

    [Fact]
    public async Task A_half_sent_event_is_asked_for_again()
    {
        var turns = 0;
        await using var server = new ApiServer(request => request.Query("watch") is [] ? List("5") : ++turns == 1
            ? ApiServer.Lines(["""{"type":"ADDED","obj"""])
            : ApiServer.Lines([Event("ADDED", Object("a", 6))], LinesEnd.Open));
        Assert.Equal(["Synced", "Added a6"], await TakeAsync(server, 2));
    }

    [Fact]
    public async Task A_missing_right_ends_it_with_the_verb()
    {
        await using var server = new ApiServer(request => request.Query("watch") is [] ? List("5") : ApiServer.Refuse(403, "Forbidden", """configmaps is forbidden: User "u" cannot watch resource "configmaps" in API group "" in the namespace "apps" """));
        var error = await Assert.ThrowsAsync<ClusterException>(() => TakeAsync(server, 2));
        Assert.StartsWith("The account 'u' may not watch configmaps in apps.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_ends_when_it_is_cancelled()
    {
        await using var server = new ApiServer(request => request.Query("watch") is [] ? List("5") : ApiServer.Lines([], LinesEnd.Open));
        using var client = await server.ConnectAsync();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var change in client.WatchAsync(ResourceTypes.ConfigMaps, "apps", ListOptions.All, stop.Token))
                await stop.CancelAsync();
        });
    }

    private static async Task<IReadOnlyList<string>> TakeAsync(ApiServer server, int count)
    {
        using var client = await server.ConnectAsync();
        return await client.WatchAsync(ResourceTypes.ConfigMaps, "apps", ListOptions.All, Token).Take(count)
            .Select(change => change.Resource is { } resource ? $"{change.Kind} {resource.Name}{resource.ResourceVersion}" : $"{change.Kind}").ToListAsync(Token);
    }

    private static StandInResponse List(string version, params string[] items) => ApiServer.Json($$$"""{"kind":"List","metadata":{"resourceVersion":"{{{version}}}"},"items":[{{{string.Join(',', items)}}}]}""");

    private static string Object(string name, int version, string uid = "") => $$$"""{"kind":"ConfigMap","metadata":{"name":"{{{name}}}","namespace":"apps","uid":"{{{name}}}{{{uid}}}","resourceVersion":"{{{version}}}"}}""";

    private static string Event(string type, string item) => $$"""{"type":"{{type}}","object":{{item}}}""";
}
