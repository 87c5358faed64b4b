using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace RegistryMigration.Lab.Cluster;

/// <summary>Service and route of the registry: one address that stays while pods come and go, with OpenShift's login and its image streams.</summary>
internal sealed partial class RegistryFront(LabState lab, KubeApi api, Func<List<int>> ready) : IAsyncDisposable
{
    private readonly Forwarder _forwarder = new(ready, "image-registry");
    private readonly TokenGate _gate = new(lab);
    private readonly ImageStreams _streams = new(api, $"127.0.0.1:{lab.OpenShift.RegistryPort}");
    private WebApplication? _server;

    /// <summary>Listens.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _server = LoopbackServer.Create(lab.OpenShift.RegistryPort, lab.OpenShift);
        _server.Run(ServeAsync);
        return _server.StartAsync(cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        _forwarder.Dispose();
        _gate.Dispose();
    }

    private async Task ServeAsync(HttpContext http)
    {
        var path = http.Request.Path.Value ?? "";
        if (path == "/openshift/token")
            await GrantAsync(http);
        else if (path == "/healthz")
            http.Response.StatusCode = ready().Count > 0 ? 200 : 503;
        else if (await MayAsync(http, path))
            await ForwardAsync(http, path);
    }

    // As the integrated registry: the token that came as the password comes back. https://github.com/openshift/image-registry/blob/master/pkg/dockerregistry/server/token.go
    private async Task GrantAsync(HttpContext http)
    {
        if (TokenGate.Token(http.Request) is not { } token || await _gate.AskAsync(token, "get", null, null, http.RequestAborted) != HttpStatusCode.OK)
        {
            http.Response.StatusCode = 401;
            return;
        }
        await http.Response.WriteAsJsonAsync(new { token, access_token = token }, http.RequestAborted);
    }

    private async Task<bool> MayAsync(HttpContext http, string path)
    {
        var read = HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method);
        var image = ImagePath().Match(path);
        var token = TokenGate.Token(http.Request);
        var answer = token is null ? HttpStatusCode.Unauthorized
            : await _gate.AskAsync(token, read ? "get" : "update", image.Success ? image.Groups["space"].Value : null, image.Success ? image.Groups["name"].Value : null, http.RequestAborted);
        if (answer == HttpStatusCode.OK && !read && image.Success && await api.FindAsync($"/api/v1/namespaces/{image.Groups["space"].Value}", http.RequestAborted) is null)
            answer = HttpStatusCode.Forbidden;
        if (answer == HttpStatusCode.OK)
            return true;
        http.Response.StatusCode = (int)answer;
        http.Response.Headers["Docker-Distribution-Api-Version"] = "registry/2.0";
        if (answer == HttpStatusCode.Unauthorized)
        {
            var scope = image.Success ? $",scope=\"repository:{image.Groups["space"].Value}/{image.Groups["name"].Value}:{(read ? "pull" : "pull,push")}\"" : "";
            http.Response.Headers.WWWAuthenticate = $"Bearer realm=\"https://{http.Request.Host}/openshift/token\"{scope}";
        }
        await http.Response.WriteAsJsonAsync(Error(answer == HttpStatusCode.Unauthorized ? "UNAUTHORIZED" : "DENIED", answer == HttpStatusCode.Unauthorized ? "authentication required" : "requested access to the resource is denied"), http.RequestAborted);
        return false;
    }

    private Task ForwardAsync(HttpContext http, string path) => _forwarder.ForwardAsync(http, without: "Authorization", async response =>
    {
        if (response.StatusCode == HttpStatusCode.Created && HttpMethods.IsPut(http.Request.Method) && ManifestPath().Match(path) is { Success: true } manifest)
            await _streams.RecordAsync(manifest.Groups["space"].Value, manifest.Groups["name"].Value, manifest.Groups["reference"].Value, response.Headers.GetValues("Docker-Content-Digest").First(), http.RequestAborted);
    });

    private static JsonObject Error(string code, string message) => new() { ["errors"] = new JsonArray(new JsonObject { ["code"] = code, ["message"] = message }) };

    [GeneratedRegex("^/v2/(?<space>[^/]+)/(?<name>.+?)/(manifests|blobs|tags)/")]
    private static partial Regex ImagePath();

    [GeneratedRegex("^/v2/(?<space>[^/]+)/(?<name>.+)/manifests/(?<reference>[^/]+)$")]
    private static partial Regex ManifestPath();
}
