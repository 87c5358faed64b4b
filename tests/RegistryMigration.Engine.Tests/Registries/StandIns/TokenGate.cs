using System.Collections.Concurrent;
using System.Text;

namespace RegistryMigration.Engine.Tests.Registries.StandIns;

/// <summary>How a product words its challenge and its tokens.</summary>
/// <param name="Path">The token service's path.</param>
/// <param name="Service">The service in the challenge; null sends none.</param>
/// <param name="ScopeInChallenge">Whether the challenge names the scope.</param>
/// <param name="Answer">The token document, with <c>TOKEN</c> for the token.</param>
public sealed record TokenRealm(string Path, string? Service, bool ScopeInChallenge, string Answer)
{
    /// <summary>https://docs.docker.com/reference/api/registry/auth: both names of the token.</summary>
    public static TokenRealm DockerHub { get; } = new("/token", "registry.docker.io", true, """{"token":"TOKEN","access_token":"TOKEN","expires_in":300,"issued_at":"2024-01-01T00:00:00Z"}""");

    /// <summary>quay endpoints/v2/v2auth.py: nothing but the token.</summary>
    public static TokenRealm Quay { get; } = new("/v2/auth", "quay.example.com", true, """{"token":"TOKEN"}""");

    /// <summary>harbor src/core/service/token: with times, and a second name that is empty.</summary>
    public static TokenRealm Harbor { get; } = new("/service/token", "harbor-registry", true, """{"token":"TOKEN","access_token":"","expires_in":1800,"issued_at":"2024-01-01T00:00:00Z"}""");

    /// <summary>openshift image-registry pkg/dockerregistry/server/token.go: no service, no scope.</summary>
    public static TokenRealm OpenShift { get; } = new("/openshift/token", null, false, """{"token":"TOKEN"}""");

    /// <summary>A service that answers as OAuth 2.0 does.</summary>
    public static TokenRealm OAuth { get; } = new("/oauth2/token", "acr", true, """{"access_token":"TOKEN"}""");

    public static TokenRealm Named(string name) => name switch
    {
        "docker" => DockerHub,
        "quay" => Quay,
        "harbor" => Harbor,
        "openshift" => OpenShift,
        _ => OAuth,
    };
}

/// <summary>Lets requests in that carry a token for their repository, and is the token service as well.</summary>
public sealed class TokenGate(TokenRealm realm, Uri registry, string user, string password)
{
    private readonly ConcurrentDictionary<string, string> _tokens = new(StringComparer.Ordinal);
    private int _issued;

    public int Issued => _issued;

    /// <summary>Makes all tokens stale, as time does.</summary>
    public void Revoke() => _tokens.Clear();

    public StandInResponse? Check(StandInRequest request)
    {
        if (request.Path == realm.Path)
            return IssueToken(request);
        var scope = ScopeOf(request);
        var token = request.Authorization is { } header && header.StartsWith("Bearer ", StringComparison.Ordinal) ? header[7..] : null;
        if (token is not null && _tokens.TryGetValue(token, out var granted) && (scope is null || !realm.ScopeInChallenge || Covers(granted, scope)))
            return null;
        var challenge = $"Bearer realm=\"{new Uri(registry, realm.Path)}\"";
        if (realm.Service is not null)
            challenge += $",service=\"{realm.Service}\"";
        if (realm.ScopeInChallenge && scope is not null)
            challenge += $",scope=\"{scope}\"";
        return StandInResponse.Error(401, "UNAUTHORIZED", "authentication required", ("Www-Authenticate", challenge));
    }

    private StandInResponse IssueToken(StandInRequest request)
    {
        if (request.Authorization != "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")))
            return StandInResponse.Error(401, "UNAUTHORIZED", "incorrect username or password");
        if (request.Query("service").SingleOrDefault() != realm.Service)
            return StandInResponse.Error(400, "UNSUPPORTED", "wrong service");
        // quay endpoints/v2/v2auth.py, _get_scope_regex: scopes of repositories, and no others.
        if (realm == TokenRealm.Quay && request.Query("scope").Any(scope => !scope.StartsWith("repository:", StringComparison.Ordinal)))
            return StandInResponse.Error(400, "INVALID_REQUEST", "Unable to decode repository and actions");
        var token = $"token-{Interlocked.Increment(ref _issued)}";
        _tokens[token] = string.Join(' ', request.Query("scope"));
        return StandInResponse.Json(200, realm.Answer.Replace("TOKEN", token, StringComparison.Ordinal));
    }

    private string? ScopeOf(StandInRequest request)
    {
        if (request.Path == "/v2/_catalog")
            return realm == TokenRealm.Quay ? null : "registry:catalog:*";
        var end = new[] { "/blobs/", "/manifests/", "/tags/" }.Select(part => request.Path.IndexOf(part, StringComparison.Ordinal)).FirstOrDefault(i => i > 0);
        return end == 0 ? null : $"repository:{request.Path[4..end]}:{request.Method switch { "GET" or "HEAD" => "pull", "DELETE" => "delete", _ => "pull,push" }}";
    }

    private static bool Covers(string granted, string scope)
    {
        var cut = scope.LastIndexOf(':');
        return granted.Split(' ').Any(g => g.StartsWith(scope[..(cut + 1)], StringComparison.Ordinal) && scope[(cut + 1)..].Split(',').All(g[(cut + 1)..].Split(',').Contains));
    }
}
