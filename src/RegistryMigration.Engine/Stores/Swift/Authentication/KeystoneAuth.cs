using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using RegistryMigration.Engine.Http;
using RegistryMigration.Engine.Stores.Swift.Configuration;
using RegistryMigration.Engine.Stores.Swift.Transport;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Stores.Swift.Authentication;

/// <summary>Keystone v3: password, application credential, or a token that is scoped to a project or looked up.</summary>
internal sealed class KeystoneAuth(SwiftSettings settings, HttpExchange http, SwiftErrors errors) : ISwiftAuthentication
{
    public bool CanRenew => settings.Method != SwiftAuthMethod.Token;

    public async Task<SwiftSession> AuthenticateAsync(CancellationToken cancellationToken)
    {
        using var request = Request();
        using var response = await http.SendAsync(request, cancellationToken);
        if (!response.IsSuccessStatusCode)
            throw await RefusedAsync(response, cancellationToken);
        try
        {
            await using var body = await http.OpenAsync(response, cancellationToken);
            using var document = await JsonDocument.ParseAsync(body, cancellationToken: cancellationToken);
            var token = document.RootElement.GetProperty("token");
            var storage = settings.StorageUrl ?? ServiceCatalog.ObjectStore(token, settings);
            var expires = token.GetProperty("expires_at").GetDateTimeOffset();
            // By our own clock: only the length of its life counts, whatever the server's clock says.
            var issued = http.Context.Time.GetUtcNow();
            var life = expires - (token.TryGetProperty("issued_at", out var at) ? at.GetDateTimeOffset() : issued);
            return new SwiftSession(storage, response.Header("X-Subject-Token") ?? settings.Token!.Reveal(), issued, issued + life);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or FormatException or InvalidOperationException)
        {
            throw new StoreException(StoreErrorKind.Other, $"{settings.AuthUrl} answered with something that is no Keystone token. Check the authentication address.", e);
        }
    }

    private HttpRequestMessage Request()
    {
        var address = new Uri(settings.AuthUrl!.AbsoluteUri + "/auth/tokens");
        if (settings is { Method: SwiftAuthMethod.Token, ProjectId: null, ProjectName: null })
        {
            // A scoped token may look itself up, which tells the catalog and issues nothing.
            var lookup = new HttpRequestMessage(HttpMethod.Get, address);
            lookup.Headers.TryAddWithoutValidation("X-Auth-Token", settings.Token!.Reveal());
            lookup.Headers.TryAddWithoutValidation("X-Subject-Token", settings.Token.Reveal());
            return lookup;
        }

        var content = new ByteArrayContent(KeystoneRequest.Body(settings));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return new HttpRequestMessage(HttpMethod.Post, address) { Content = content };
    }

    private async Task<StoreException> RefusedAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.StatusCode is not (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.NotFound))
            return await errors.FromAsync(response, $"authenticate at {settings.AuthUrl}", null, cancellationToken);
        var (kind, message) = settings.Method switch
        {
            _ when response.StatusCode == HttpStatusCode.NotFound && settings.Method != SwiftAuthMethod.Token =>
                (StoreErrorKind.Unauthenticated, $"{settings.AuthUrl} does not know /auth/tokens, or not the application credential. Check the authentication address (…/v3) and the credential's id."),
            SwiftAuthMethod.Token => (StoreErrorKind.CredentialsExpired, $"{settings.AuthUrl} no longer takes the token that was given. Give a fresh one, or credentials that can be renewed."),
            SwiftAuthMethod.ApplicationCredential => (StoreErrorKind.Unauthenticated, $"{settings.AuthUrl} refused the application credential. Check its id or name, its secret, and whether it has expired."),
            _ => (StoreErrorKind.Unauthenticated, $"{settings.AuthUrl} refused user '{settings.UserName ?? settings.UserId}' for project '{settings.ProjectName ?? settings.ProjectId}'. Check user, password, project and their domains."),
        };
        return new StoreException(kind, message) { StatusCode = (int)response.StatusCode };
    }
}
