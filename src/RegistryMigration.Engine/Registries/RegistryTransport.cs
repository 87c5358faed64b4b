using System.Net;
using System.Net.Http.Headers;
using RegistryMigration.Engine.Http;
using RegistryMigration.Engine.Registries.Authentication;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Registries;

/// <summary>Sends requests to one registry: authorised, renewed once when refused, along redirects without the credentials.</summary>
internal sealed class RegistryTransport : IDisposable
{
    // A registry redirects once, a CDN before it perhaps twice more.
    private const int MaxRedirects = 5;

    private readonly RegistryEndpoint _endpoint;
    private readonly HttpMessageInvoker _http;
    private readonly HttpExchange _exchange;
    private readonly RegistryAuthorizer _authorizer;
    private readonly SemaphoreSlim _greeting = new(1, 1);
    private volatile bool _greeted;

    public RegistryTransport(RegistryEndpoint endpoint, StoreContext context)
    {
        _endpoint = endpoint;
        _http = new HttpMessageInvoker(HttpHandlers.Create(endpoint.Tls), disposeHandler: true);
        _exchange = new HttpExchange(_http, Traffic, context, address => RegistryErrors.SameOrigin(address, endpoint.Url) ? endpoint.ToString() : address.GetLeftPart(UriPartial.Authority));
        Answers = new RegistryAnswers(_exchange, endpoint);
        _authorizer = new RegistryAuthorizer(endpoint, new TokenService(endpoint, _exchange, Answers), context.Time);
    }

    public StoreTraffic Traffic { get; } = new("registry");

    public RegistryAnswers Answers { get; }

    /// <summary>One attempt. Success and tolerated statuses are returned, everything else is thrown. The caller disposes the answer.</summary>
    public async ValueTask<HttpResponseMessage> SendAsync(RegistryRequest request, CancellationToken cancellationToken)
    {
        await GreetAsync(cancellationToken);
        var authorization = await _authorizer.AuthorizeAsync(request.Scopes, cancellationToken);
        var response = await FollowAsync(request, authorization, cancellationToken);
        if (IsOurRefusal(response) && await _authorizer.AfterRefusalAsync(authorization, AuthenticationChallenge.Of(response.Headers), request.Scopes, cancellationToken) is { } renewed)
        {
            response.Dispose();
            response = await FollowAsync(request, renewed, cancellationToken);
        }

        if (response.IsSuccessStatusCode || request.Tolerated.Contains(response.StatusCode) || (!request.FollowRedirects && IsRedirect(response)))
            return response;
        using (response)
            throw IsOurRefusal(response) ? await RefusedAsync(request, response, cancellationToken) : await Answers.FailureAsync(response, request.What, null, cancellationToken);
    }

    /// <summary>An address that the registry names for the next page or an upload, which must stay with the registry.</summary>
    /// <remarks>
    /// Behind a proxy that ends TLS a registry often names itself with http or an inner port; the path is what counts. Another host would
    /// get content without authorisation, or credentials that are not its own.
    /// </remarks>
    public Uri Own(Uri location, Uri requested, string what)
    {
        var address = new Uri(requested, location);
        if (address.Scheme is not ("http" or "https") || !string.Equals(address.IdnHost, _endpoint.Url.IdnHost, StringComparison.OrdinalIgnoreCase))
            throw new StoreException(StoreErrorKind.Other, $"{_endpoint}: {what}: the registry refers to another host, {address.Host}. Set its external address (http.host), or http.relativeurls.") { Store = _endpoint.ToString() };
        return new Uri(_endpoint.Url, address.PathAndQuery);
    }

    public void Dispose()
    {
        _http.Dispose();
        _greeting.Dispose();
    }

    // Asks /v2/ once, as every registry client does: it tells how to log in, and whether this is a registry at all.
    private async ValueTask GreetAsync(CancellationToken cancellationToken)
    {
        if (_greeted)
            return;
        await _greeting.WaitAsync(cancellationToken);
        try
        {
            if (_greeted)
                return;
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_endpoint.Url, "v2/"));
            using var response = await _exchange.SendAsync(request, cancellationToken);
            if (IsRedirect(response))
                throw Failure(StoreErrorKind.Other, $"{_endpoint} redirects /v2/ to {new Uri(request.RequestUri!, response.Headers.Location!).GetLeftPart(UriPartial.Authority)}. Use that address.");
            if (response.StatusCode == HttpStatusCode.NotFound)
                throw Failure(StoreErrorKind.NotFound, $"{_endpoint} answers and is no registry: /v2/ is not there. Check host, port and path.");
            if ((int)response.StatusCode is >= 500 or 429)
                throw await Answers.FailureAsync(response, "/v2/", null, cancellationToken);
            _authorizer.Learn(AuthenticationChallenge.Of(response.Headers));
            _greeted = true;
        }
        finally
        {
            _greeting.Release();
        }
    }

    private async ValueTask<HttpResponseMessage> FollowAsync(RegistryRequest request, AuthenticationHeaderValue? authorization, CancellationToken cancellationToken)
    {
        var address = request.Address;
        for (var hops = 0; ; hops++)
        {
            using var message = new HttpRequestMessage(request.Method, address);
            message.Headers.Authorization = authorization;
            if (request.Accept is { } accept)
                message.Headers.TryAddWithoutValidation("Accept", accept);
            if (request.Offset > 0)
                message.Headers.Range = new RangeHeaderValue(request.Offset, null);
            if (request.Content is { } content)
                message.Content = content();
            var response = await _exchange.SendAsync(message, request.Patience, cancellationToken);
            if (!request.FollowRedirects || !IsRedirect(response))
                return response;
            using (response)
            {
                var next = Next(request, address, response.Headers.Location!, hops);
                // Credentials are the registry's alone; once left, an address that leads back gets none either.
                if (!RegistryErrors.SameOrigin(next, address))
                    authorization = null;
                address = next;
            }
        }
    }

    private Uri Next(RegistryRequest request, Uri address, Uri location, int hops)
    {
        var next = new Uri(address, location);
        if (hops == MaxRedirects)
            throw Failure(StoreErrorKind.Other, $"{_endpoint}: {request.What}: more than {MaxRedirects} redirects, the last to {next.Authority}. Check the registry's storage and proxy settings.");
        if (next.Scheme is not ("http" or "https") || (request.Method != HttpMethod.Get && request.Method != HttpMethod.Head))
            throw Failure(StoreErrorKind.Other, $"{_endpoint}: {request.What}: a redirect to {next.Scheme}://{next.Authority} can't be followed. Use the registry's own address.");
        if (address.Scheme == "https" && next.Scheme == "http" && !_endpoint.AllowPlainHttp)
            throw Failure(StoreErrorKind.Denied, $"{_endpoint}: {request.What}: redirected from https to http at {next.Authority}. Give the registry's storage an https endpoint, disable its redirects, or allow plain http for this endpoint.");
        return next;
    }

    private async ValueTask<StoreException> RefusedAsync(RegistryRequest request, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        // A token was issued and does not reach: who we are is known, so this is about rights.
        var lacksRights = !_authorizer.IsAnonymous && AuthenticationChallenge.Of(response.Headers).Any(c => c["error"] == "insufficient_scope");
        var said = await Answers.ReadErrorAsync(response, cancellationToken);
        var next = _authorizer.IsAnonymous ? "Give a user name and password, or a token."
            : lacksRights ? $"The account lacks the right {string.Join(", ", request.Scopes)}."
            : "The credentials were refused: check user name, password or token, and whether they have expired.";
        return new StoreException(lacksRights ? StoreErrorKind.Denied : StoreErrorKind.Unauthenticated, $"{_endpoint}: {request.What}: 401{(said is null ? "" : " " + said)}. {next}")
        {
            Store = _endpoint.ToString(),
            StatusCode = 401,
        };
    }

    private bool IsOurRefusal(HttpResponseMessage response) =>
        response.StatusCode == HttpStatusCode.Unauthorized && RegistryErrors.SameOrigin(response.RequestMessage!.RequestUri!, _endpoint.Url);

    private static bool IsRedirect(HttpResponseMessage response) =>
        response.StatusCode is HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect
        && response.Headers.Location is not null;

    private StoreException Failure(StoreErrorKind kind, string message) => new(kind, message) { Store = _endpoint.ToString() };
}
