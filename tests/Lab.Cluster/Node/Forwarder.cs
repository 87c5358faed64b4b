using Microsoft.AspNetCore.Http;

namespace RegistryMigration.Lab.Cluster;

/// <summary>Hands a request on to one of the pods that are ready, as a route and a service do.</summary>
internal sealed class Forwarder(Func<List<int>> ready, string service) : IDisposable
{
    // Of the connection, not of the message.
    private static readonly HashSet<string> Hops = new(["Connection", "Keep-Alive", "Transfer-Encoding", "TE", "Upgrade", "Host", "Expect"], StringComparer.OrdinalIgnoreCase);

    private readonly HttpMessageInvoker _pods = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false });

    /// <summary>Forwards it.</summary>
    /// <param name="http">The request.</param>
    /// <param name="without">A header that stays here.</param>
    /// <param name="answered">Called with the answer before it goes back.</param>
    public async Task ForwardAsync(HttpContext http, string? without = null, Func<HttpResponseMessage, Task>? answered = null)
    {
        var ports = ready();
        if (ports.Count == 0)
        {
            await UnavailableAsync(http);
            return;
        }
        // One client connection stays with one replica, as a service's do.
        var port = ports[(int)((uint)http.Connection.Id.GetHashCode(StringComparison.Ordinal) % ports.Count)];
        var target = http.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget;
        using var request = new HttpRequestMessage(new HttpMethod(http.Request.Method), new Uri($"http://127.0.0.1:{port}{target}"));
        if (http.Request.ContentLength is not null || http.Request.Headers.TransferEncoding.Count > 0)
            request.Content = new StreamContent(http.Request.Body);
        foreach (var (name, values) in http.Request.Headers.Where(header => !Hops.Contains(header.Key) && !header.Key.Equals(without, StringComparison.OrdinalIgnoreCase)))
            if (!request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
                request.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
        request.Headers.Host = http.Request.Host.Value;
        request.Headers.TryAddWithoutValidation("X-Forwarded-Proto", "https");
        try
        {
            using var response = await _pods.SendAsync(request, http.RequestAborted);
            http.Response.StatusCode = (int)response.StatusCode;
            foreach (var (name, values) in response.Headers.Concat(response.Content.Headers).Where(header => !Hops.Contains(header.Key)))
                http.Response.Headers[name] = values.ToArray();
            if (answered is not null)
                await answered(response);
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

    /// <inheritdoc />
    public void Dispose() => _pods.Dispose();

    private Task UnavailableAsync(HttpContext http)
    {
        http.Response.Clear();
        http.Response.StatusCode = 503;
        return http.Response.WriteAsync($"no endpoints available for service {service}\n", http.RequestAborted);
    }
}
