using System.Globalization;
using System.Net;
using RegistryMigration.Engine.Http;
using RegistryMigration.Engine.Stores.Swift.Configuration;
using RegistryMigration.Engine.Stores.Swift.Transport;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Stores.Swift.Authentication;

/// <summary>Swift's v1 authentication, as tempauth and radosgw answer it: https://docs.openstack.org/swift/latest/overview_auth.html.</summary>
internal sealed class TempAuth(SwiftSettings settings, HttpExchange http, SwiftErrors errors) : ISwiftAuthentication
{
    public bool CanRenew => true;

    public async Task<SwiftSession> AuthenticateAsync(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, settings.AuthUrl);
        request.Headers.TryAddWithoutValidation("X-Auth-User", settings.UserName);
        request.Headers.TryAddWithoutValidation("X-Auth-Key", settings.Password!.Reveal());
        var issued = http.Context.Time.GetUtcNow();
        using var response = await http.SendAsync(request, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden
                ? new StoreException(StoreErrorKind.Unauthenticated, $"{settings.AuthUrl} refused user '{settings.UserName}'. Check the user (account:user) and its key.") { StatusCode = (int)response.StatusCode }
                : await errors.FromAsync(response, $"authenticate at {settings.AuthUrl}", null, cancellationToken);
        }

        if (response.Header("X-Auth-Token") is not { } token || (settings.StorageUrl ?? Address(response.Header("X-Storage-Url"))) is not { } storage)
            throw new StoreException(StoreErrorKind.Other, $"{settings.AuthUrl} answered without a token or a storage address. Is it a v1 authentication address? Keystone's ends in /v3.");
        DateTimeOffset? expires = int.TryParse(response.Header("X-Auth-Token-Expires"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? issued.AddSeconds(seconds) : null;
        return new SwiftSession(storage, token, issued, expires);
    }

    private static Uri? Address(string? text) => Uri.TryCreate(text, UriKind.Absolute, out var uri) ? uri : null;
}
