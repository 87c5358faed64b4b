using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;

namespace RegistryMigration.Lab.Cluster;

/// <summary>Which request goes where, and who may ask: endpoints/v2/__init__.py, endpoints/decorators.py, endpoints/web.py.</summary>
internal sealed partial class QuayServer(QuayDatabase database, QuayLocations locations, QuayConfig config, byte[] key) : IDisposable
{
    // V2_PAGINATION_SIZE, at least 100.
    private const int Page = 100;

    private readonly QuayTokens _tokens = new(database, config, key);
    private readonly BlobEndpoint _blobs = new(database, locations, config, new QuayTokens(database, config, key));
    private readonly UploadEndpoint _uploads = new(database, locations, config, new QuayTokens(database, config, key));
    private readonly ManifestEndpoint _manifests = new(database, locations);
    private readonly ServiceKeyEndpoint _keys = new(database, config);

    /// <summary>Answers a request.</summary>
    public async Task ServeAsync(HttpContext http)
    {
        try
        {
            await RouteAsync(http, http.Request.Path.Value ?? "/");
        }
        catch (QuayError e) when (!http.Response.HasStarted)
        {
            http.Response.Clear();
            http.Response.StatusCode = e.Status;
            if (e.Status == 401)
                Challenge(http.Response, e.Scope);
            await http.Response.WriteAsync(e.Body.ToJsonString(), http.RequestAborted);
        }
        catch (QuayStorageException e) when (!http.Response.HasStarted)
        {
            // Nothing in Quay catches what a driver raises.
            await Console.Error.WriteLineAsync($"{http.Request.Method} {http.Request.Path}: {e.Message}");
            http.Response.Clear();
            http.Response.StatusCode = 500;
            await http.Response.WriteAsync("Internal Server Error", http.RequestAborted);
        }
    }

    /// <inheritdoc />
    public void Dispose() => _blobs.Dispose();

    private Task RouteAsync(HttpContext http, string path) => path switch
    {
        "/v2/" => PingAsync(http),
        "/v2/auth" => _tokens.GrantAsync(http),
        "/v2/_catalog" => CatalogAsync(http),
        "/health" or "/health/instance" => HealthAsync(http, instance: true),
        "/health/endtoend" or "/status" => HealthAsync(http, instance: false),
        _ when path.StartsWith(ServiceKeyEndpoint.Route, StringComparison.Ordinal) => _keys.ServeAsync(http),
        _ when path.StartsWith("/_storage_proxy/", StringComparison.Ordinal) => _blobs.ProxyAsync(http),
        _ when RepositoryPath().Match(path) is { Success: true } match => RepositoryAsync(http, match),
        _ => Answer(http, 404),
    };

    private async Task RepositoryAsync(HttpContext http, Match match)
    {
        var (method, kind, last) = (http.Request.Method, match.Groups["kind"].Value, match.Groups["last"].Value);
        var name = match.Groups["name"].Value;
        if (!name.Contains('/', StringComparison.Ordinal))
            name = $"library/{name}";
        var read = (HttpMethods.IsGet(method) || HttpMethods.IsHead(method)) && kind != "blobs/uploads";
        Require(http, name, read);
        // The last PUT of an upload has no check_pushes_disabled; nothing can begin one.
        if (!read && !HttpMethods.IsGet(method))
            RequireWritable(checkPushes: !(kind == "blobs/uploads" && HttpMethods.IsPut(method)));
        if (!read && database.Repository(name) is null)
            throw QuayError.NameUnknown();
        await ((kind, method) switch
        {
            ("tags", "GET") when last == "list" => TagsAsync(http, name),
            ("manifests", "GET" or "HEAD") => _manifests.ServeAsync(http, name, last),
            ("manifests", "PUT") => _manifests.WriteAsync(http, name, last),
            ("manifests", "DELETE") => _manifests.DeleteAsync(http, name, last),
            ("blobs", "GET" or "HEAD") when ManifestEndpoint.IsDigest(last) => _blobs.ServeAsync(http, name, last),
            ("blobs", "DELETE") => throw QuayError.Unsupported(),
            ("blobs/uploads", "POST") when last.Length == 0 => _uploads.BeginAsync(http, name),
            ("blobs/uploads", "GET") => Tell(http, name, last),
            ("blobs/uploads", "PATCH") => _uploads.AppendAsync(http, name, last),
            ("blobs/uploads", "PUT") => _uploads.CompleteAsync(http, name, last),
            ("blobs/uploads", "DELETE") => CancelAsync(http, name, last),
            _ => Answer(http, 405),
        });
    }

    private void Require(HttpContext http, string name, bool read)
    {
        var grant = _tokens.Read(http.Request);
        if (grant?.Allows(name, read ? "pull" : "push") == true || (read && database.Repository(name)?.Public == true))
            return;
        throw QuayError.Unauthorized($"repository:{name}:{(read ? "pull" : "pull,push")}");
    }

    private void RequireWritable(bool checkPushes)
    {
        if (config.IsReadOnly)
            throw QuayError.ReadOnlyMode();
        if (checkPushes && config.Flag("DISABLE_PUSHES"))
            throw QuayError.PushesDisabled();
    }

    private async Task PingAsync(HttpContext http)
    {
        var known = _tokens.Read(http.Request) is not null;
        http.Response.StatusCode = known ? 200 : 401;
        Challenge(http.Response, null);
        await http.Response.WriteAsync("true", http.RequestAborted);
    }

    private async Task CatalogAsync(HttpContext http)
    {
        var user = _tokens.Read(http.Request)?.Sub;
        var accounts = database.Accounts;
        var visible = user is null ? [] : database.Repositories().Where(name => accounts.May(user, name.Split('/')[0], write: false) || database.Repository(name)?.Public == true);
        await PageAsync(http, visible, "next_page", names => new JsonObject { ["repositories"] = names });
    }

    private Task TagsAsync(HttpContext http, string name)
    {
        var repository = database.Repository(name) ?? throw QuayError.NameUnknown();
        return PageAsync(http, repository.Tags.Keys, "last", names => new JsonObject { ["name"] = name, ["tags"] = names });
    }

    private async Task PageAsync(HttpContext http, IEnumerable<string> all, string next, Func<JsonArray, JsonObject> body)
    {
        var query = http.Request.Query;
        var limit = int.TryParse(query["n"], System.Globalization.CultureInfo.InvariantCulture, out var asked) ? Math.Clamp(asked, 1, Page) : Page;
        var after = query[next].ToString() is { Length: > 0 } token ? token : query["last"].ToString();
        var names = all.Where(name => after.Length == 0 || string.CompareOrdinal(name, after) > 0).Take(limit + 1).ToList();
        if (names.Count > limit)
            http.Response.Headers.Link = $"<{config.Url}{http.Request.Path}?n={limit}&{next}={Uri.EscapeDataString(names[limit - 1])}>; rel=\"next\"";
        http.Response.ContentType = "application/json";
        await http.Response.WriteAsync(body(new JsonArray([.. names.Take(limit).Select(name => (JsonNode)name)])).ToJsonString(), http.RequestAborted);
    }

    // health/services.py; an instance asks neither Redis nor the storage (LocalHealthCheck), so a pod is ready without its storage.
    private async Task HealthAsync(HttpContext http, bool instance)
    {
        var services = new JsonObject { ["auth"] = true, ["database"] = true };
        if (instance)
            foreach (var name in new[] { "disk_space", "registry_gunicorn", "web_gunicorn" })
                services[name] = true;
        if (instance)
            services["service_key"] = new InstanceKey(config, database).IsFound;
        if (instance && config.Flag("HEALTH_CHECKER_INSTANCE_CHECK_PREFERRED_STORAGE"))
            services["preferred_storage"] = await locations.IsHealthyAsync(http.RequestAborted);
        if (!instance)
            (services["redis"], services["storage"]) = (true, await locations.IsHealthyAsync(http.RequestAborted));
        var status = services.All(service => service.Value!.GetValue<bool>()) ? 200 : 503;
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        await http.Response.WriteAsync(new JsonObject { ["data"] = new JsonObject { ["services"] = services }, ["status_code"] = status }.ToJsonString(), http.RequestAborted);
    }

    private Task Tell(HttpContext http, string name, string id)
    {
        _uploads.Tell(http, name, id);
        return Task.CompletedTask;
    }

    private async Task CancelAsync(HttpContext http, string name, string id)
    {
        await _uploads.CancelAsync(name, id, http.RequestAborted);
        http.Response.StatusCode = 204;
    }

    private void Challenge(HttpResponse response, string? scope)
    {
        response.Headers.WWWAuthenticate = $"Bearer realm=\"{config.Url}/v2/auth\",service=\"{config.Hostname}\"{(scope is null ? "" : $",scope=\"{scope}\"")}";
        response.Headers["Docker-Distribution-API-Version"] = "registry/2.0";
        response.ContentType = "application/json";
    }

    private static Task Answer(HttpContext http, int status)
    {
        http.Response.StatusCode = status;
        return Task.CompletedTask;
    }

    [GeneratedRegex("^/v2/(?<name>[a-zA-Z0-9._/-]+?)/(?<kind>tags|manifests|blobs/uploads|blobs)/(?<last>[^/]*)$")]
    private static partial Regex RepositoryPath();
}
