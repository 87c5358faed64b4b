using System.Text.Json;
using RegistryMigration.Engine.Http;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Registries;

/// <summary>Asks a Quay how its parts are.</summary>
/// <remarks>quay/quay endpoints/web.py and health/healthcheck.py: 200 or 503, and <c>{"data":{"services":{name:true}},"status_code":200}</c>.</remarks>
public static class QuayHealth
{
    private const string Route = "health/endtoend";
    private const int MaxBytes = 64 << 10;

    /// <summary>The answer of <c>/health/endtoend</c>; an answer that parts are not well is one too.</summary>
    /// <param name="endpoint">Where Quay is; nobody logs in.</param>
    /// <param name="context">Clock, retries and stall time-out.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <exception cref="StoreException">Nobody answers, or somebody who is no Quay.</exception>
    public static async Task<QuayHealthResult> ReadAsync(RegistryEndpoint endpoint, StoreContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentNullException.ThrowIfNull(context);
        var traffic = new StoreTraffic("registry");
        using var http = new HttpMessageInvoker(HttpHandlers.Create(endpoint.Tls), disposeHandler: true);
        var exchange = new HttpExchange(http, traffic, context, _ => endpoint.ToString());
        var answers = new RegistryAnswers(exchange, endpoint);
        return await context.Retry.ExecuteAsync(traffic, async token =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(endpoint.Url, Route));
            using var response = await exchange.SendAsync(request, token);
            if ((int)response.StatusCode is not (200 or 503))
                throw await answers.FailureAsync(response, $"/{Route}", "Check that this is a Quay, and its address.", token);
            var body = await answers.ReadBodyAsync(response, MaxBytes, token);
            if (Services(body.Span) is { } services)
                return new QuayHealthResult((int)response.StatusCode, services);
            // A router in front of pods that are not there answers 503 by itself.
            throw (int)response.StatusCode == 503
                ? new StoreException(StoreErrorKind.Transient, $"{endpoint}: /{Route}: 503, and not by Quay: no pod of it may be ready.") { Store = endpoint.ToString(), StatusCode = 503 }
                : new StoreException(StoreErrorKind.Other, $"{endpoint}: /{Route}: the answer is not Quay's. Check that this is a Quay, and its address.") { Store = endpoint.ToString(), StatusCode = 200 };
        }, cancellationToken);
    }

    private static Dictionary<string, bool>? Services(ReadOnlySpan<byte> body)
    {
        try
        {
            var reader = new Utf8JsonReader(body);
            using var document = JsonDocument.ParseValue(ref reader);
            return document.RootElement is { ValueKind: JsonValueKind.Object } root
                && root.TryGetProperty("data", out var data) && data.ValueKind == JsonValueKind.Object
                && data.TryGetProperty("services", out var services) && services.ValueKind == JsonValueKind.Object
                ? services.EnumerateObject().ToDictionary(service => service.Name, service => service.Value.ValueKind == JsonValueKind.True, StringComparer.Ordinal)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
