using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace RegistryMigration.Lab.Cluster;

/// <summary>Who may do what at the registry: OpenShift's way, by asking the API server with the token that the client brought.</summary>
internal sealed class TokenGate(LabState lab) : IDisposable
{
    private static readonly TimeSpan Remembered = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, KubeApi> _apis = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, (HttpStatusCode Status, long At)> _answers = new(StringComparer.Ordinal);

    /// <summary>The token of a request, as bearer or as any password.</summary>
    public static string? Token(HttpRequest request)
    {
        if (!AuthenticationHeaderValue.TryParse(request.Headers.Authorization, out var header) || header.Parameter is null)
            return null;
        if (header.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase))
            return header.Parameter;
        var pair = Encoding.UTF8.GetString(Convert.FromBase64String(header.Parameter));
        return pair[(pair.IndexOf(':', StringComparison.Ordinal) + 1)..];
    }

    /// <summary>OK, Unauthorized or Forbidden.</summary>
    /// <param name="token">Who.</param>
    /// <param name="verb">get or update.</param>
    /// <param name="namespace">The project; null asks only whether the token is known.</param>
    /// <param name="name">The image stream.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    public async Task<HttpStatusCode> AskAsync(string token, string verb, string? @namespace, string? name, CancellationToken cancellationToken)
    {
        var key = $"{token} {verb} {@namespace}/{name}";
        if (_answers.TryGetValue(key, out var known) && TimeProvider.System.GetElapsedTime(known.At) < Remembered)
            return known.Status;
        var api = _apis.GetOrAdd(token, given => new KubeApi(lab.Kube, given));
        HttpStatusCode status;
        try
        {
            var review = new JsonObject { ["spec"] = new JsonObject { ["resourceAttributes"] = new JsonObject { ["group"] = "image.openshift.io", ["resource"] = "imagestreams", ["subresource"] = "layers", ["verb"] = verb, ["namespace"] = @namespace, ["name"] = name } } };
            var answer = await api.CreateAsync("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", review, cancellationToken);
            status = @namespace is null || answer.Flag("status", "allowed") == true ? HttpStatusCode.OK : HttpStatusCode.Forbidden;
        }
        catch (KubeApiException e) when (e.Status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
        {
            status = HttpStatusCode.Unauthorized;
        }
        _answers[key] = (status, TimeProvider.System.GetTimestamp());
        return status;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var api in _apis.Values)
            api.Dispose();
    }
}
