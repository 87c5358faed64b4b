using System.Net;
using System.Net.Http.Headers;
using System.Text;
using RegistryMigration.Engine.Http;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Registries.Authentication;

/// <summary>Asks the token service that a Bearer challenge names.</summary>
/// <remarks>
/// The same GET serves Docker Hub, Quay (<c>/v2/auth</c>), Harbor (<c>/service/token</c>) and OpenShift (<c>/openshift/token</c>, which has
/// no service and no scope): distribution docs/spec/auth/token.md.
/// </remarks>
internal sealed class TokenService(RegistryEndpoint endpoint, HttpExchange http, RegistryAnswers answers)
{
    private const int MaxAnswerBytes = 1 << 20;

    /// <summary>A token for these scopes.</summary>
    /// <exception cref="StoreException">The service refuses the credentials, can't be reached, or answers without a token.</exception>
    public async Task<BearerToken> RequestAsync(AuthenticationChallenge challenge, IReadOnlyList<string> scopes, AuthenticationHeaderValue? credentials, CancellationToken cancellationToken)
    {
        var realm = RealmOf(challenge);
        using var request = new HttpRequestMessage(HttpMethod.Get, AddressOf(realm, challenge["service"], scopes));
        request.Headers.Authorization = credentials;
        using var response = await http.SendAsync(request, cancellationToken);
        if (response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
            throw Refused(realm, response.StatusCode, await answers.ReadErrorAsync(response, cancellationToken));
        if (response.StatusCode != HttpStatusCode.OK)
            throw await answers.FailureAsync(response, $"the token service {realm.Host}", null, cancellationToken);
        var body = await answers.ReadBodyAsync(response, MaxAnswerBytes, cancellationToken);
        return BearerToken.Read(body.Span, http.Context.Time.GetUtcNow()) ?? throw new StoreException(
            StoreErrorKind.Unauthenticated, $"The token service of {endpoint} at {Shown(realm)} answered without a token. Check that the address is the registry's own.")
        {
            Store = endpoint.ToString(),
        };
    }

    private Uri RealmOf(AuthenticationChallenge challenge)
    {
        if (!Uri.TryCreate(challenge["realm"], UriKind.Absolute, out var realm) || realm.Scheme is not ("http" or "https"))
            throw new StoreException(StoreErrorKind.Unauthenticated, $"{endpoint} names a token service that is no http address. Check the realm in the registry's configuration.") { Store = endpoint.ToString() };
        if (endpoint.Url.Scheme == "https" && realm.Scheme == "http" && !endpoint.AllowPlainHttp)
        {
            throw new StoreException(
                StoreErrorKind.Denied,
                $"{endpoint} names the token service {Shown(realm)}, where credentials would travel in plain text. Set an https realm (the registry's external URL), or allow plain http for this endpoint.")
            {
                Store = endpoint.ToString(),
            };
        }

        return realm;
    }

    private static Uri AddressOf(Uri realm, string? service, IReadOnlyList<string> scopes)
    {
        var query = new StringBuilder(realm.Query.TrimStart('?'));
        if (service is { Length: > 0 })
            Append(query, "service", service);
        foreach (var scope in scopes)
            Append(query, "scope", scope);
        return new UriBuilder(realm) { Query = query.ToString() }.Uri;
    }

    private static void Append(StringBuilder query, string name, string value)
    {
        if (query.Length > 0)
            query.Append('&');
        query.Append(name).Append('=').Append(Uri.EscapeDataString(value));
    }

    private StoreException Refused(Uri realm, HttpStatusCode status, string? said)
    {
        var who = endpoint.UserName is { } user ? $"user '{user}'" : "anonymous access";
        var next = endpoint.UserName is null ? "Give a user name and password." : "Check the user name, the password, and whether the account is active.";
        return new StoreException(
            StoreErrorKind.Unauthenticated, $"The token service of {endpoint} at {Shown(realm)} refuses {who} ({(int)status}{(said is null ? "" : ": " + said)}). {next}")
        {
            Store = endpoint.ToString(),
            StatusCode = (int)status,
        };
    }

    private static string Shown(Uri realm) => realm.GetLeftPart(UriPartial.Path);
}
