using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;

namespace RegistryMigration.Lab.Cluster;

/// <summary>Making and deleting service keys, for superusers: endpoints/api/superuser.py, which looks in the order of its decorators.</summary>
internal sealed partial class ServiceKeyEndpoint(QuayDatabase database, QuayConfig config)
{
    /// <summary>Where it is.</summary>
    public const string Route = "/api/v1/superuser/keys";

    // EXPIRED_SERVICE_KEY_TTL_SEC.
    private static readonly TimeSpan Kept = TimeSpan.FromDays(7);

    /// <summary>Answers a request.</summary>
    public async Task ServeAsync(HttpContext http)
    {
        var (method, id) = (http.Request.Method, http.Request.Path.Value![Route.Length..].Trim('/'));
        // show_if: without it there is no such address.
        if (config["FEATURE_SUPER_USERS"] is { } feature && !QuayConfig.IsTrue(feature))
            http.Response.StatusCode = 404;
        // check_readonly of endpoints/decorators.py, handle_readonly of endpoints/decorated.py.
        else if (config.IsReadOnly && !HttpMethods.IsGet(method))
            await AnswerAsync(http, 503, new JsonObject { ["message"] = "System is currently read-only. Pulls will succeed but all write operations are currently suspended.", ["is_readonly"] = true });
        // process_oauth takes a Bearer token or a session's cookie, and goes on as nobody with any other; require_fresh_login stops that.
        else if (User(http.Request) is not { } token)
            await RefuseAsync(http, 401, "invalid_token", "Requires authentication");
        else if (HttpMethods.IsPost(method) && id.Length == 0)
            await CreateAsync(http, token);
        else if (HttpMethods.IsDelete(method) && id.Length > 0)
            await DeleteAsync(http, token, id);
        else
            http.Response.StatusCode = 405;
    }

    private async Task CreateAsync(HttpContext http, QuayOAuthToken token)
    {
        var body = await BodyAsync(http);
        if (body?["service"] is not JsonValue named || named.GetValueKind() != JsonValueKind.String || !body.ContainsKey("expiration") || body["expiration"]?.GetValueKind() is not (null or JsonValueKind.Number))
        {
            await RefuseAsync(http, 400, "invalid_request", "'service' and 'expiration' are required properties");
            return;
        }
        if (!IsSuperuser(token))
        {
            await RefuseAsync(http, 403, "insufficient_scope", "Unauthorized");
            return;
        }
        var (name, service) = (body["name"]?.ToString() ?? "", named.ToString());
        DateTimeOffset? expiration = body["expiration"] is { } seconds ? DateTimeOffset.UnixEpoch.AddSeconds(seconds.GetValue<double>()) : null;
        if (!Name().IsMatch(name))
            await RefuseAsync(http, 400, "invalid_request", $"Invalid service key friendly name: {name}");
        else if (expiration <= TimeProvider.System.GetUtcNow())
            await RefuseAsync(http, 400, "invalid_request", "Expiration date cannot be in the past");
        else
            await MakeAsync(http, name, service, expiration);
    }

    // It is approved at once, and its private part is in the answer alone.
    private async Task MakeAsync(HttpContext http, string name, string service, DateTimeOffset? expiration)
    {
        using var key = RSA.Create(2048);
        var (id, pem) = (Thumbprint(key.ExportParameters(false)), key.ExportSubjectPublicKeyInfoPem());
        await database.ChangeServiceKeysAsync(keys =>
        {
            foreach (var (old, row) in keys.Where(known => known.Value.Service == service && known.Value.Expiration <= TimeProvider.System.GetUtcNow() - Kept).ToList())
                keys.Remove(old);
            keys[id] = new QuayServiceKeyRow(name, service, pem, expiration, Approved: true);
        }, http.RequestAborted);
        await AnswerAsync(http, 200, new JsonObject { ["kid"] = id, ["name"] = name, ["service"] = service, ["public_key"] = pem, ["private_key"] = key.ExportRSAPrivateKeyPem() });
    }

    private async Task DeleteAsync(HttpContext http, QuayOAuthToken token, string id)
    {
        if (!IsSuperuser(token))
        {
            await RefuseAsync(http, 403, "insufficient_scope", "Unauthorized");
            return;
        }
        var found = false;
        await database.ChangeServiceKeysAsync(keys => found = keys.Remove(id), http.RequestAborted);
        if (found)
            http.Response.StatusCode = 204;
        else
            await RefuseAsync(http, 404, "not_found", "Not Found");
    }

    // auth/permissions.py: the token has to have the scope, and its user to be one of them.
    private bool IsSuperuser(QuayOAuthToken token) => token.Scopes.Split(' ', ',').Contains("super:user") && (config["SUPER_USERS"] as JsonArray ?? []).Any(user => user?.ToString() == token.User);

    private QuayOAuthToken? User(HttpRequest request)
    {
        var parts = request.Headers.Authorization.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return parts is [var kind, var text] && kind.Equals("bearer", StringComparison.OrdinalIgnoreCase) && database.Accounts.Tokens.GetValueOrDefault(text) is { } token && !(token.Expires <= TimeProvider.System.GetUtcNow()) ? token : null;
    }

    // ApiException.to_dict of endpoints/exception.py.
    private Task RefuseAsync(HttpContext http, int status, string type, string message) => AnswerAsync(http, status, new JsonObject
    {
        ["detail"] = message,
        ["error_message"] = message,
        ["error_type"] = type,
        ["title"] = type,
        ["type"] = $"{config.Url}/api/v1/error/{type}",
        ["status"] = status,
    });

    private static async Task<JsonObject?> BodyAsync(HttpContext http)
    {
        try
        {
            return await JsonNode.ParseAsync(http.Request.Body, cancellationToken: http.RequestAborted) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static Task AnswerAsync(HttpContext http, int status, JsonObject body)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        return http.Response.WriteAsync(body.ToJsonString(), http.RequestAborted);
    }

    // RFC 7638, of which authlib makes the kid.
    private static string Thumbprint(RSAParameters key) => Url(SHA256.HashData(Encoding.UTF8.GetBytes($"{{\"e\":\"{Url(key.Exponent!)}\",\"kty\":\"RSA\",\"n\":\"{Url(key.Modulus!)}\"}}")));

    private static string Url(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    // VALID_SERVICE_KEY_NAME_REGEX of util/validation.py.
    [GeneratedRegex(@"^[\s a-zA-Z0-9\-_:/]*$")]
    private static partial Regex Name();
}
