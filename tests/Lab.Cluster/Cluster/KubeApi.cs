using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;

namespace RegistryMigration.Lab.Cluster;

/// <summary>The API server by paths and raw JSON. Not the product's client: what stands in for a cluster must not share its faults.</summary>
public sealed class KubeApi : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private readonly HttpClient _http;

    /// <summary>Speaks for the administrator, or for the owner of a token.</summary>
    public KubeApi(KubeAccess access, string? token = null)
    {
        ArgumentNullException.ThrowIfNull(access);
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.Add(X509CertificateLoader.LoadCertificateFromFile(access.CertificateAuthority));
        var handler = new SocketsHttpHandler { UseProxy = false, SslOptions = { CertificateChainPolicy = trust } };
        _http = new HttpClient(handler) { BaseAddress = access.Server, Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token ?? access.AdminToken);
    }

    /// <summary>The object at a path.</summary>
    public async Task<Resource> GetAsync(string path, CancellationToken cancellationToken) =>
        new(await SendAsync(HttpMethod.Get, path, null, null, cancellationToken));

    /// <summary>The object at a path; null where there is none.</summary>
    public async Task<Resource?> FindAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await GetAsync(path, cancellationToken);
        }
        catch (KubeApiException e) when (e.Status == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    /// <summary>All objects of a collection.</summary>
    public async Task<IReadOnlyList<Resource>> ListAsync(string collection, CancellationToken cancellationToken) =>
        Items(await SendAsync(HttpMethod.Get, collection, null, null, cancellationToken));

    /// <summary>Makes an object in a collection.</summary>
    public async Task<Resource> CreateAsync(string collection, JsonObject value, CancellationToken cancellationToken) =>
        new(await SendAsync(HttpMethod.Post, collection, value, "application/json", cancellationToken));

    /// <summary>Replaces an object.</summary>
    public async Task<Resource> ReplaceAsync(string path, JsonObject value, CancellationToken cancellationToken) =>
        new(await SendAsync(HttpMethod.Put, path, value, "application/json", cancellationToken));

    /// <summary>Merges into an object, or into its subresource.</summary>
    public async Task<Resource> MergeAsync(string path, JsonObject patch, CancellationToken cancellationToken) =>
        new(await SendAsync(HttpMethod.Patch, path, patch, "application/merge-patch+json", cancellationToken));

    /// <summary>Sets one member of an object, whatever was there.</summary>
    public async Task<Resource> SetAsync(string path, string member, JsonNode? value, CancellationToken cancellationToken) =>
        new(await SendAsync(HttpMethod.Patch, path, new JsonArray(Patch.Operation("add", member, value)), "application/json-patch+json", cancellationToken));

    /// <summary>Makes an object be like this, in what this says: server-side apply.</summary>
    public async Task<Resource> ApplyAsync(string path, JsonObject value, CancellationToken cancellationToken) =>
        new(await SendAsync(HttpMethod.Patch, $"{path}?fieldManager=lab-cluster&force=true", value, "application/apply-patch+yaml", cancellationToken));

    /// <summary>Deletes an object; false where there is none.</summary>
    /// <param name="path">The object.</param>
    /// <param name="graceSeconds">0 is at once, as a kubelet says when the containers have stopped; null is the object's own.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <param name="uid">Only that one, not another one of the same name.</param>
    public async Task<bool> DeleteAsync(string path, int? graceSeconds, CancellationToken cancellationToken, string? uid = null)
    {
        try
        {
            var options = new JsonObject { ["propagationPolicy"] = "Background" };
            if (graceSeconds is { } seconds)
                options["gracePeriodSeconds"] = seconds;
            if (uid is not null)
                options["preconditions"] = new JsonObject { ["uid"] = uid };
            await SendAsync(HttpMethod.Delete, path, options, "application/json", cancellationToken);
            return true;
        }
        catch (KubeApiException e) when (e.Status == HttpStatusCode.NotFound)
        {
            return false;
        }
    }

    /// <summary>Every object of a collection and every change, until cancelled: a server that is gone for a while is asked again.</summary>
    public async IAsyncEnumerable<KubeChange> WatchAsync(string collection, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var known = new Dictionary<string, Resource>(StringComparer.Ordinal);
        while (true)
        {
            JsonObject? list = null;
            try
            {
                list = await SendAsync(HttpMethod.Get, collection, null, null, cancellationToken);
            }
            catch (Exception e) when (MayPass(e))
            {
                await Task.Delay(Pause, TimeProvider.System, cancellationToken);
            }
            if (list is null)
                continue;
            var there = Items(list).ToDictionary(item => item.Uid ?? "", StringComparer.Ordinal);
            foreach (var gone in known.Where(item => !there.ContainsKey(item.Key)).ToList())
            {
                known.Remove(gone.Key);
                yield return new KubeChange(gone.Value, true);
            }
            foreach (var (uid, item) in there)
            {
                known[uid] = item;
                yield return new KubeChange(item, false);
            }
            await foreach (var change in FollowAsync(collection, new Resource(list).ResourceVersion, cancellationToken))
            {
                if (change.Gone)
                    known.Remove(change.Resource.Uid ?? "");
                else
                    known[change.Resource.Uid ?? ""] = change.Resource;
                yield return change;
            }
        }
    }

    /// <summary>A connection that broke, a server that is not ready: asking again may do.</summary>
    public static bool MayPass(Exception failure) => failure is HttpRequestException or IOException
        || failure is KubeApiException { Status: var status } && ((int)status >= 500 || status is HttpStatusCode.Conflict or HttpStatusCode.TooManyRequests or HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden);

    /// <inheritdoc />
    public void Dispose() => _http.Dispose();

    // Ends without a word when the connection breaks or the version is too old: the caller lists again.
    private async IAsyncEnumerable<KubeChange> FollowAsync(string collection, string? version, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{collection}{(collection.Contains('?', StringComparison.Ordinal) ? '&' : '?')}watch=1&resourceVersion={version}");
        HttpResponseMessage? response = null;
        try
        {
            response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (HttpRequestException)
        {
            yield break;
        }
        using var _ = response;
        if (!response.IsSuccessStatusCode)
            yield break;
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        while (true)
        {
            string? line;
            try
            {
                line = await reader.ReadLineAsync(cancellationToken);
            }
            catch (IOException)
            {
                yield break;
            }
            if (line is null || JsonNode.Parse(line) is not JsonObject change || change["type"]?.GetValue<string>() is not ("ADDED" or "MODIFIED" or "DELETED") || change["object"] is not JsonObject item)
                yield break;
            change.Remove("object");
            yield return new KubeChange(new Resource(item), change["type"]!.GetValue<string>() == "DELETED");
        }
    }

    private async Task<JsonObject> SendAsync(HttpMethod method, string path, JsonNode? body, string? type, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, new MediaTypeHeaderValue(type!));
        using var response = await _http.SendAsync(request, cancellationToken);
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        var answer = text.StartsWith('{') ? JsonNode.Parse(text) as JsonObject : null;
        if (response.IsSuccessStatusCode && answer is not null)
            return answer;
        throw new KubeApiException(response.StatusCode, answer?["reason"]?.GetValue<string>(), $"{method} {path}: {answer?["message"]?.GetValue<string>() ?? text}");
    }

    private static List<Resource> Items(JsonObject list)
    {
        var items = (list["items"] as JsonArray)?.OfType<JsonObject>().ToList() ?? [];
        (list["items"] as JsonArray)?.Clear();
        return [.. items.Select(item => new Resource(item))];
    }
}

/// <summary>An object is there, or gone.</summary>
public sealed record KubeChange(Resource Resource, bool Gone);

/// <summary>What the API server refused.</summary>
public sealed class KubeApiException(HttpStatusCode status, string? reason, string message) : Exception(message)
{
    /// <summary>The HTTP status.</summary>
    public HttpStatusCode Status { get; } = status;

    /// <summary>The API's word for it.</summary>
    public string? Reason { get; } = reason;
}
