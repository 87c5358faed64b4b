using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;
using RegistryMigration.Engine.Http;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Registries;

/// <summary>Makes and deletes service keys of a Quay, as a superuser.</summary>
/// <remarks>
/// quay/quay endpoints/api/superuser.py: POST makes a key, approves it at once and answers with the private key, which Quay does not keep. Nothing is sent
/// twice: nobody would know of the first key.
/// </remarks>
public sealed class QuayServiceKeys : IDisposable
{
    // INSTANCE_SERVICE_KEY_SERVICE of config.py: Quay believes what keys of this service sign.
    private const string Service = "quay";
    private const string Route = "api/v1/superuser/keys";
    private const string Superuser = "'Super User Access' (super:user), made by a user who is in SUPER_USERS: Organization, Applications, Generate Token";
    private const string Unknown = "Whether it was done is not known: look at the service keys in Quay's superuser panel, and at its log, before it is tried again.";
    private const int MaxBytes = 64 << 10;

    private readonly RegistryEndpoint _endpoint;
    private readonly HttpMessageInvoker _http;
    private readonly HttpExchange _exchange;
    private readonly RegistryAnswers _answers;

    /// <summary>A client; nothing is asked yet.</summary>
    /// <param name="endpoint">Where Quay is, and the OAuth token of a superuser.</param>
    /// <param name="context">Clock and stall time-out.</param>
    public QuayServiceKeys(RegistryEndpoint endpoint, StoreContext context)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentNullException.ThrowIfNull(context);
        _endpoint = endpoint;
        _http = new HttpMessageInvoker(HttpHandlers.Create(endpoint.Tls), disposeHandler: true);
        _exchange = new HttpExchange(_http, new StoreTraffic("registry"), context, _ => endpoint.ToString());
        _answers = new RegistryAnswers(_exchange, endpoint);
    }

    /// <summary>Makes a key that Quay accepts at once.</summary>
    /// <param name="name">What Quay's superuser panel shows.</param>
    /// <param name="expiration">Until when it is accepted.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <exception cref="StoreException">Quay refuses, nobody answers, or somebody who is no Quay.</exception>
    public async Task<QuayServiceKey> CreateAsync(string name, DateTimeOffset expiration, CancellationToken cancellationToken)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object> { ["service"] = Service, ["name"] = name, ["expiration"] = expiration.ToUnixTimeSeconds() });
        return await AskAsync(HttpMethod.Post, Route, body, async response => response.StatusCode != HttpStatusCode.OK
            ? throw await FailureAsync(response, "a new service key", "Check that this is a Quay, its address, and FEATURE_SUPER_USERS in its configuration, which has to be on.", cancellationToken)
            : Read((await _answers.ReadBodyAsync(response, MaxBytes, cancellationToken)).Span)
                ?? throw new StoreException(StoreErrorKind.Other, $"{_endpoint}: /{Route}: the answer is not Quay's. Check that this is a Quay, and its address.") { Store = _endpoint.ToString(), StatusCode = 200 }, cancellationToken);
    }

    /// <summary>Deletes a key: what it has signed, and still signs, counts no longer.</summary>
    /// <param name="id">Its id (kid).</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <exception cref="StoreException">Quay refuses, there is no such key, or nobody answers.</exception>
    public Task RemoveAsync(string id, CancellationToken cancellationToken) =>
        AskAsync(HttpMethod.Delete, $"{Route}/{Uri.EscapeDataString(id)}", null, async response => response.StatusCode == HttpStatusCode.NoContent ? true
            : throw await FailureAsync(response, $"service key {id}", "There is no such key (any more), or FEATURE_SUPER_USERS is off in Quay's configuration.", cancellationToken), cancellationToken);

    /// <inheritdoc />
    public void Dispose() => _http.Dispose();

    private async Task<T> AskAsync<T>(HttpMethod method, string route, byte[]? body, Func<HttpResponseMessage, Task<T>> read, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, new Uri(_endpoint.Url, route));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _endpoint.Token?.Reveal());
        if (body is not null)
            request.Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        try
        {
            using var response = await _exchange.SendAsync(request, cancellationToken);
            return await read(response);
        }
        catch (StoreException e) when (e is { Kind: StoreErrorKind.Transient or StoreErrorKind.Stalled, StatusCode: null })
        {
            throw new StoreException(e.Kind, $"{e.Message} {Unknown}", e) { Store = e.Store };
        }
    }

    private async Task<StoreException> FailureAsync(HttpResponseMessage response, string what, string absent, CancellationToken cancellationToken) => await _answers.FailureAsync(response, what, (int)response.StatusCode switch
    {
        400 => "Check -Name, and the clocks here and there.",
        401 => $"The token is none of this Quay's, or has expired. Give an OAuth token with {Superuser}.",
        403 => $"The token's user is no superuser, or its scope is too small. Give an OAuth token with {Superuser}.",
        404 => absent,
        503 => "A Quay that is read-only takes no new keys and deletes none: allow writes first. Else no pod of it may be ready; Get-QuayRegistry -Health shows it.",
        >= 500 => Unknown,
        _ => "Check that this is a Quay, and its address.",
    }, cancellationToken);

    private static QuayServiceKey? Read(ReadOnlySpan<byte> body)
    {
        try
        {
            var reader = new Utf8JsonReader(body);
            using var document = JsonDocument.ParseValue(ref reader);
            return document.RootElement is { ValueKind: JsonValueKind.Object } root
                && Text(root, "kid") is { } id && Text(root, "private_key") is { } key && PemEncoding.TryFind(key, out _) ? new QuayServiceKey(id, new Secret(key)) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Text(JsonElement parent, string name) => parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;
}
