using System.Text.Json;

namespace RegistryMigration.Engine.Stores.Swift.Transport;

/// <summary>Asks for the limits once. Servers that do not tell (403, 404) get the defaults.</summary>
internal sealed class LimitsReader
{
    private readonly SwiftClient _client;
    private readonly SingleFlight<SwiftLimits> _reading;
    private volatile SwiftLimits? _limits;

    public LimitsReader(SwiftClient client, CancellationToken lifetime)
    {
        _client = client;
        _reading = new SingleFlight<SwiftLimits>(ReadAsync, lifetime);
    }

    /// <summary>What is known so far, without asking.</summary>
    public SwiftLimits? Known => _limits;

    /// <summary>The limits.</summary>
    public async ValueTask<SwiftLimits> GetAsync(CancellationToken cancellationToken) => _limits ?? await _reading.RunAsync(cancellationToken);

    private async Task<SwiftLimits> ReadAsync(CancellationToken cancellationToken)
    {
        var address = SwiftLimits.Address(await _client.StorageUrlAsync(cancellationToken));
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        using var response = await _client.Http.SendAsync(request, cancellationToken);
        if ((int)response.StatusCode is 429 or >= 500)
            throw await _client.Errors.FromAsync(response, $"read {address}", null, cancellationToken);
        return _limits = response.IsSuccessStatusCode ? await ParseAsync(response, cancellationToken) : new SwiftLimits();
    }

    private async Task<SwiftLimits> ParseAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            await using var body = await _client.Http.OpenAsync(response, cancellationToken);
            using var document = await JsonDocument.ParseAsync(body, cancellationToken: cancellationToken);
            return SwiftLimits.Parse(document.RootElement);
        }
        catch (JsonException)
        {
            // Something in front of the servers answers for them.
            return new SwiftLimits();
        }
    }
}
