using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;

namespace RegistryMigration.Lab.Cluster;

/// <summary>Logins and bearer tokens: endpoints/v2/v2auth.py, auth/registry_jwt_auth.py.</summary>
internal sealed partial class QuayTokens(QuayDatabase database, QuayConfig config, byte[] key)
{
    private const int LifetimeSeconds = 3600;

    private readonly InstanceKey _instanceKey = new(config, database);

    /// <summary><c>/v2/auth</c>. It is a GET, so nothing that forbids pushes forbids a login, with whatever scope.</summary>
    public async Task GrantAsync(HttpContext http)
    {
        var accounts = database.Accounts;
        var scopes = http.Request.Query["scope"].OfType<string>().Where(scope => scope.Length > 0).ToList();
        var user = Login(http.Request, accounts);
        if (user is null && http.Request.Headers.Authorization.Count > 0)
            throw new QuayError("UNAUTHORIZED", "Invalid username or password.", 401);
        if (user is null && scopes.Count == 0)
            throw QuayError.Unauthorized();
        var access = new List<Access>();
        foreach (var scope in scopes)
            access.Add(await AuthorizeAsync(scope, user, accounts, http.RequestAborted));
        await http.Response.WriteAsJsonAsync(new { token = Sign(new Grant(user, TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() + LifetimeSeconds, access)) }, http.RequestAborted);
    }

    /// <summary>Whom a request's bearer token speaks for; null for nobody.</summary>
    /// <exception cref="QuayError">It is no token of this registry, or too old.</exception>
    public Grant? Read(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        if (header.Length == 0)
            return null;
        // A read-only Quay looks for the key that has signed, and believes no other.
        var parts = _instanceKey.Verifies && header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? header[7..].Split('.') : [];
        if (parts.Length == 3 && CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(parts[2]), Encoding.ASCII.GetBytes(Signature($"{parts[0]}.{parts[1]}")))
            && JsonSerializer.Deserialize<Grant>(Convert.FromBase64String(Pad(parts[1]))) is { } grant && grant.Exp > TimeProvider.System.GetUtcNow().ToUnixTimeSeconds())
            return grant;
        throw new QuayError("UNAUTHORIZED", "access to the requested resource is not authorized", 401);
    }

    /// <summary>Signs a text, such as the storage proxy's address.</summary>
    public string Signature(string text) => Url(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)));

    // _authorize_or_downscope_request: what is not allowed is left out, and nobody says so before the push.
    private async Task<Access> AuthorizeAsync(string scope, string? user, QuayAccounts accounts, CancellationToken cancellationToken)
    {
        if (Scope().Match(scope) is not { Success: true } match)
            throw new QuayError("INVALID_REQUEST", $"Unable to decode repository and actions: {scope}", 400);
        var full = match.Groups["name"].Value;
        var name = full.StartsWith(config.Hostname + "/", StringComparison.Ordinal) ? full[(config.Hostname.Length + 1)..] : full;
        if (!name.Contains('/', StringComparison.Ordinal))
            name = $"library/{name}";
        var space = name[..name.IndexOf('/', StringComparison.Ordinal)];
        var actions = new List<string>();
        if (accounts.HasNamespace(space))
        {
            var asked = match.Groups["actions"].Value.Split(',');
            if (asked.Contains("push") && accounts.May(user, space, write: true) && await ExistsAsync(name, cancellationToken))
                actions.Add("push");
            if (asked.Contains("pull") && (accounts.May(user, space, write: false) || database.Repository(name)?.Public == true))
                actions.Add("pull");
            if (asked.Contains("*") && database.Repository(name) is not null && accounts.May(user, space, write: true))
                actions.Add("*");
        }
        return new Access(name, actions);
    }

    // A push makes its repository here, when it asks for its token. A database that is read-only can't (an error of Quay's, and a 500).
    private async Task<bool> ExistsAsync(string name, CancellationToken cancellationToken)
    {
        if (database.Repository(name) is not null)
            return true;
        if (config.IsReadOnly)
            throw QuayError.ReadOnlyMode();
        return await database.ChangeAsync(name, _ => { }, cancellationToken, create: true);
    }

    private static string? Login(HttpRequest request, QuayAccounts accounts)
    {
        var header = request.Headers.Authorization.ToString();
        if (!header.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase))
            return null;
        var pair = Encoding.UTF8.GetString(Convert.FromBase64String(header[6..])).Split(':', 2);
        return pair.Length == 2 && accounts.Users.TryGetValue(pair[0], out var account) && account.Password == pair[1] ? pair[0] : null;
    }

    private string Sign(Grant grant)
    {
        var text = $"{Url("""{"alg":"HS256","typ":"JWT"}"""u8)}.{Url(JsonSerializer.SerializeToUtf8Bytes(grant))}";
        return $"{text}.{Signature(text)}";
    }

    private static string Url(ReadOnlySpan<byte> bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    private static string Pad(string text) => text.Replace('-', '+').Replace('_', '/').PadRight((text.Length + 3) / 4 * 4, '=');

    [GeneratedRegex(@"^repository:(?<name>(?:[^/]+:[0-9]+/)?(?:[.a-zA-Z0-9_-]+/)*[.a-zA-Z0-9_-]+):(?<actions>(?:push|pull|\*)(?:,(?:push|pull|\*))*)$")]
    private static partial Regex Scope();

    /// <summary>What a token says.</summary>
    public sealed record Grant(string? Sub, long Exp, IReadOnlyList<Access> Access)
    {
        /// <summary>Whether it allows something in a repository; * is an administrator's, and allows all of it.</summary>
        public bool Allows(string repository, string action) => Access.Any(access => access.Name == repository && (access.Actions.Contains(action) || access.Actions.Contains("*")));
    }

    /// <summary>What is allowed in a repository.</summary>
    public sealed record Access(string Name, IReadOnlyList<string> Actions);
}
