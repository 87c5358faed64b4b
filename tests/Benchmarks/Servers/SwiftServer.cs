using System.Net;
using System.Text.Json;
using RegistryMigration.Benchmarks.Running;
using RegistryMigration.Benchmarks.Trees;

namespace RegistryMigration.Benchmarks.Servers;

/// <summary>OpenStack Swift with logins of its own.</summary>
internal sealed class SwiftServer : IStorage
{
    private const int Page = 10_000;

    private readonly Tool _tool;
    private readonly Lab _lab;
    private readonly SwiftAccessLog _log;
    private readonly HttpClient _http = new();
    private readonly HashSet<string> _containers = new(StringComparer.Ordinal);
    private JsonElement _description;

    private SwiftServer(Tool tool, Lab lab, SwiftAccessLog log) => (_tool, _lab, _log) = (tool, lab, log);

    /// <summary>Starts it.</summary>
    /// <param name="tool">Runs programs.</param>
    /// <param name="directory">Where its data lie.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<SwiftServer> StartAsync(Tool tool, string directory, CancellationToken cancellationToken)
    {
        var log = new SwiftAccessLog();
        var lab = new Lab(tool, directory, "swift", new Dictionary<string, string> { ["SWIFT_ACCESS_LOG"] = log.Address });
        return new SwiftServer(tool, lab, log) { _description = await lab.StartAsync(cancellationToken) };
    }

    /// <inheritdoc />
    public async Task<Place> CreateAsync(string name, CancellationToken cancellationToken)
    {
        var place = new SwiftPlace(Text("authUrl"), Text("user"), Text("key"), name);
        using var made = await SendAsync(place, HttpMethod.Put, name, cancellationToken);
        made.EnsureSuccessStatusCode();
        _containers.Add(name);
        return place;
    }

    /// <inheritdoc />
    public async Task RemoveAsync(Place place, CancellationToken cancellationToken)
    {
        _containers.Remove(((SwiftPlace)place).Container);
        if (_containers.Count == 0)
            _description = await _lab.StartAsync(cancellationToken);
    }

    /// <inheritdoc />
    /// <remarks>Segments are no objects of the tree, but the bytes of a large object are theirs. They lie beside it or in a container of their own.</remarks>
    public async Task<Contents> CountAsync(Place place, CancellationToken cancellationToken)
    {
        var container = ((SwiftPlace)place).Container;
        var tree = await CountAsync((SwiftPlace)place, container, SwiftPlace.Root + "/", cancellationToken);
        var everything = await CountAsync((SwiftPlace)place, container, "", cancellationToken);
        var elsewhere = await CountAsync((SwiftPlace)place, container + "_segments", "", cancellationToken);
        return new Contents(tree.Objects, everything.Bytes + elsewhere.Bytes);
    }

    /// <inheritdoc />
    public async Task<string> ReadAsync(Place place, string key, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync((SwiftPlace)place, HttpMethod.Get, $"{((SwiftPlace)place).Container}/{SwiftPlace.Root}/{key}", cancellationToken);
        return await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync(cancellationToken);
    }

    /// <inheritdoc />
    /// <exception cref="InvalidOperationException">The log has lost lines.</exception>
    public async Task<Traffic?> TrafficAsync(CancellationToken cancellationToken)
    {
        // A request is logged after its answer has gone out.
        await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System, cancellationToken);
        return await _log.DroppedAsync(cancellationToken) is var dropped and > 0
            ? throw new InvalidOperationException($"{dropped} lines of Swift's access log were lost: requests can't be counted.")
            : _log.Sum with { CpuSeconds = _lab.CpuSeconds };
    }

    /// <inheritdoc />
    public async Task<string> DescribeAsync(CancellationToken cancellationToken) =>
        "OpenStack Swift " + (await _tool.RequireAsync(new CommandLine("dpkg-query", "-W", "-f", "${Version}", "swift-proxy"), cancellationToken)).Trim();

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _lab.StopAsync(CancellationToken.None);
        await _log.DisposeAsync();
        _http.Dispose();
    }

    private async Task<Contents> CountAsync(SwiftPlace place, string container, string prefix, CancellationToken cancellationToken)
    {
        var count = default(Contents);
        for (var marker = "";;)
        {
            using var answer = await SendAsync(place, HttpMethod.Get, $"{container}?format=json&limit={Page}&prefix={Uri.EscapeDataString(prefix)}&marker={Uri.EscapeDataString(marker)}", cancellationToken);
            if (answer.StatusCode == HttpStatusCode.NotFound)
                return count;
            using var page = JsonDocument.Parse(await answer.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync(cancellationToken));
            if (page.RootElement.GetArrayLength() == 0)
                return count;
            foreach (var item in page.RootElement.EnumerateArray())
            {
                // swift upload makes one of these of each empty directory.
                if (item.GetProperty("content_type").GetString() is not ("text/directory" or "application/directory"))
                    count += new Contents(1, item.GetProperty("bytes").GetInt64());
                marker = item.GetProperty("name").GetString()!;
            }
        }
    }

    // One login per request: these are few, and a server started anew knows no older token.
    private async Task<HttpResponseMessage> SendAsync(SwiftPlace place, HttpMethod method, string path, CancellationToken cancellationToken)
    {
        using var login = new HttpRequestMessage(HttpMethod.Get, place.AuthUrl) { Headers = { { "X-Auth-User", place.User }, { "X-Auth-Key", place.Key } } };
        using var session = (await _http.SendAsync(login, cancellationToken)).EnsureSuccessStatusCode();
        using var request = new HttpRequestMessage(method, $"{session.Headers.GetValues("X-Storage-Url").Single()}/{path}");
        request.Headers.Add("X-Auth-Token", session.Headers.GetValues("X-Auth-Token").Single());
        return await _http.SendAsync(request, cancellationToken);
    }

    private string Text(string name) => _description.GetProperty(name).GetString()!;
}
