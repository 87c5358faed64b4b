using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace RegistryMigration.Lab.Cluster;

/// <summary>Service and route of the registry: one address that stays while pods come and go, with OpenShift's login and its image streams.</summary>
internal sealed partial class RegistryFront(LabState lab, KubeApi api, Func<List<int>> ready) : IAsyncDisposable
{
    // Of the connection, not of the message.
    private static readonly HashSet<string> Hops = new(["Connection", "Keep-Alive", "Transfer-Encoding", "TE", "Upgrade", "Host", "Authorization", "Expect"], StringComparer.OrdinalIgnoreCase);

    private readonly HttpMessageInvoker _registry = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false });
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
        _registry.Dispose();
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

    private async Task ForwardAsync(HttpContext http, string path)
    {
        var ports = ready();
        if (ports.Count == 0)
        {
            await UnavailableAsync(http);
            return;
        }
        // One client connection stays with one replica, as a service's do.
        var port = ports[(int)((uint)http.Connection.Id.GetHashCode(StringComparison.Ordinal) % ports.Count)];
        using var request = new HttpRequestMessage(new HttpMethod(http.Request.Method), new Uri($"http://127.0.0.1:{port}{http.Request.Path.ToUriComponent()}{http.Request.QueryString.ToUriComponent()}"));
        if (http.Request.ContentLength is not null || http.Request.Headers.TransferEncoding.Count > 0)
            request.Content = new StreamContent(http.Request.Body);
        foreach (var (name, values) in http.Request.Headers.Where(header => !Hops.Contains(header.Key)))
            if (!request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
                request.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
        request.Headers.Host = http.Request.Host.Value;
        request.Headers.TryAddWithoutValidation("X-Forwarded-Proto", "https");
        try
        {
            using var response = await _registry.SendAsync(request, http.RequestAborted);
            http.Response.StatusCode = (int)response.StatusCode;
            foreach (var (name, values) in response.Headers.Concat(response.Content.Headers).Where(header => !Hops.Contains(header.Key)))
                http.Response.Headers[name] = values.ToArray();
            if (response.StatusCode == HttpStatusCode.Created && HttpMethods.IsPut(http.Request.Method) && ManifestPath().Match(path) is { Success: true } manifest)
                await _streams.RecordAsync(manifest.Groups["space"].Value, manifest.Groups["name"].Value, manifest.Groups["reference"].Value, response.Headers.GetValues("Docker-Content-Digest").First(), http.RequestAborted);
            await response.Content.CopyToAsync(http.Response.Body, http.RequestAborted);
        }
        catch (HttpRequestException)
        {
            // The pod went in the middle.
            if (http.Response.HasStarted)
                http.Abort();
            else
                await UnavailableAsync(http);
        }
    }

    private static Task UnavailableAsync(HttpContext http)
    {
        http.Response.Clear();
        http.Response.StatusCode = 503;
        return http.Response.WriteAsync("no endpoints available for service image-registry\n", http.RequestAborted);
    }

    private static JsonObject Error(string code, string message) => new() { ["errors"] = new JsonArray(new JsonObject { ["code"] = code, ["message"] = message }) };

    [GeneratedRegex("^/v2/(?<space>[^/]+)/(?<name>.+?)/(manifests|blobs|tags)/")]
    private static partial Regex ImagePath();

    [GeneratedRegex("^/v2/(?<space>[^/]+)/(?<name>.+)/manifests/(?<reference>[^/]+)$")]
    private static partial Regex ManifestPath();
}
