using System.Net;
using System.Net.Http.Headers;
using RegistryMigration.Engine.Http;
using RegistryMigration.Engine.Stores.Swift.Authentication;

namespace RegistryMigration.Engine.Stores.Swift.Transport;

/// <summary>Sends requests about one container with a token that is good, and once more with a new one after a 401.</summary>
internal sealed class SwiftClient(HttpExchange http, SwiftErrors errors, SessionKeeper sessions, string container)
{
    private static readonly MediaTypeHeaderValue OctetStream = new("application/octet-stream");

    public HttpExchange Http => http;

    public SwiftErrors Errors => errors;

    public string Container => container;

    /// <summary>The answer's head, whatever its status (401 only if a new token was refused as well).</summary>
    public async Task<HttpResponseMessage> SendAsync(SwiftRequest request, CancellationToken cancellationToken)
    {
        var session = await sessions.GetAsync(cancellationToken);
        var response = await SendAsync(request, session, cancellationToken);
        if (response.StatusCode != HttpStatusCode.Unauthorized)
            return response;
        response.Dispose();
        http.Traffic.CountRetry(throttled: false);
        return await SendAsync(request, await sessions.RenewAsync(session, cancellationToken), cancellationToken);
    }

    /// <summary>The account's address.</summary>
    public async ValueTask<Uri> StorageUrlAsync(CancellationToken cancellationToken) => (await sessions.GetAsync(cancellationToken)).StorageUrl;

    private async Task<HttpResponseMessage> SendAsync(SwiftRequest request, SwiftSession session, CancellationToken cancellationToken)
    {
        using var message = new HttpRequestMessage(request.Method, Address(session.StorageUrl, request));
        message.Headers.TryAddWithoutValidation("X-Auth-Token", session.Token);
        foreach (var (name, value) in request.Headers)
            message.Headers.TryAddWithoutValidation(name, value);
        if (request.Content is { } make)
        {
            message.Content = make();
            message.Content.Headers.ContentType = OctetStream;
            if (request.ExpectContinue)
                message.Headers.ExpectContinue = true;
        }

        return await http.SendAsync(message, cancellationToken);
    }

    private Uri Address(Uri storageUrl, SwiftRequest request)
    {
        var address = request.IsForAccount ? storageUrl.AbsoluteUri : $"{storageUrl.AbsoluteUri}/{Uri.EscapeDataString(container)}";
        if (request.Name is not null)
            address += "/" + ObjectPath.Escape(request.Name);
        if (request.Query is not null)
            address += "?" + request.Query;
        return ObjectPath.Address(address);
    }
}
