using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Tests.Support;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Tests.Kubernetes.Streaming;

public sealed class LogReaderTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Lines_come_without_their_time_stamps()
    {
        await using var server = new ApiServer(_ => ApiServer.Lines(["2026-01-01T00:00:00.5Z first", "2026-01-01T00:00:00.5Z ", "no stamp here", "2026-01-01T00:00:01Z third"]));
        Assert.Equal(["first", "", "no stamp here", "third"], await ReadAsync(server, new LogOptions { Container = "registry", Tail = 5, Since = TimeSpan.FromSeconds(90.5), Previous = true }));
        var request = server.Requests.Single();
        Assert.Equal("/api/v1/namespaces/apps/pods/web-1/log", request.Path);
        Assert.Equal(("registry", "5", "91", "true", "true"), (request.Query("container")[0], request.Query("tailLines")[0], request.Query("sinceSeconds")[0], request.Query("previous")[0], request.Query("timestamps")[0]));
        Assert.Empty(request.Query("follow"));
    }

    [Fact]
    public async Task After_a_cut_it_goes_on_without_telling_a_line_twice_or_losing_one()
    {
        await using var server = new ApiServer(request => request.Query("sinceTime") switch
        {
            [] => ApiServer.Lines(["2026-01-01T00:00:01.1Z a", "2026-01-01T00:00:01.25Z b", "2026-01-01T00:00:01.25Z c"], LinesEnd.Cut),
            // From the second on, with one more line of the same instant.
            ["2026-01-01T00:00:01Z"] => ApiServer.Lines(["2026-01-01T00:00:01.1Z a", "2026-01-01T00:00:01.25Z b", "2026-01-01T00:00:01.25Z c", "2026-01-01T00:00:01.25Z d", "2026-01-01T00:00:01.3Z e"]),
            _ => ApiServer.Refuse(500, "Unexpected", "wrong time"),
        });
        Assert.Equal(["a", "b", "c", "d", "e"], await ReadAsync(server, new LogOptions { Follow = true, Tail = 3 }));
        Assert.Empty(server.Requests[1].Query("tailLines"));
    }

    [Fact]
    public async Task A_connection_that_is_cut_again_and_again_is_an_error()
    {
        await using var server = new ApiServer(_ => ApiServer.Lines([], LinesEnd.Cut));
        Assert.Equal(ClusterErrorKind.Transient, (await Assert.ThrowsAsync<ClusterException>(() => ReadAsync(server, new LogOptions { Follow = true }))).Kind);
    }

    [Fact]
    public async Task A_line_without_end_is_cut_and_the_next_one_is_whole()
    {
        var endless = new string('x', 3_000_000);
        await using var server = new ApiServer(_ => ApiServer.Lines(["2026-01-01T00:00:01Z " + endless, "2026-01-01T00:00:02Z next"]));
        var lines = await ReadAsync(server, new LogOptions());
        Assert.Equal((2, "next"), (lines.Count, lines[1]));
        Assert.InRange(lines[0].Length, 200_000, 300_000);
    }

    [Fact]
    public async Task A_pod_that_is_not_there_is_named()
    {
        await using var server = new ApiServer(_ => ApiServer.Refuse(404, "NotFound", """pods "web-1" not found""", "web-1", "pods"));
        Assert.Equal(ClusterErrorKind.NotFound, (await Assert.ThrowsAsync<ClusterException>(() => ReadAsync(server, new LogOptions()))).Kind);
    }

    private static async Task<IReadOnlyList<string>> ReadAsync(ApiServer server, LogOptions options)
    {
        using var client = await server.ConnectAsync();
        return await client.ReadLogAsync("apps", "web-1", options, Token).ToListAsync(Token);
    }
}
