using System.Net;
using System.Text.Json;
using RegistryMigration.Engine.Http;
using RegistryMigration.Engine.Stores.Swift.LargeObjects;
using RegistryMigration.Engine.Stores.Swift.Transport;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Stores.Swift.Objects;

/// <summary>Deletes objects with the segments they are made of.</summary>
internal sealed class ObjectRemoval(SwiftClient client, Segments segments)
{
    /// <summary>Looks what the object is, then deletes it: a manifest before its segments, so that no reader finds half of it.</summary>
    public async Task DeleteAsync(string name, string key, CancellationToken cancellationToken)
    {
        if (await ObjectHead.AskAsync(client, name, key, cancellationToken) is not { } head)
            return;
        if (head.IsStatic)
        {
            await DeleteStaticAsync(name, key, cancellationToken);
            return;
        }

        await DeletePlainAsync(name, key, cancellationToken);
        if (head.Manifest is not null)
            await segments.DeleteOfAsync(head.Manifest, cancellationToken);
    }

    /// <summary>Deletes one object and nothing that it refers to.</summary>
    public async Task DeletePlainAsync(string name, string key, CancellationToken cancellationToken)
    {
        using var response = await client.SendAsync(new SwiftRequest(HttpMethod.Delete, name), cancellationToken);
        if (!response.IsSuccessStatusCode && response.StatusCode != HttpStatusCode.NotFound)
            throw await client.Errors.FromAsync(response, $"delete '{key}'", key, cancellationToken);
    }

    // The servers delete a static large object with its segments, and answer 200 with what came of it in the body.
    private async Task DeleteStaticAsync(string name, string key, CancellationToken cancellationToken)
    {
        var request = new SwiftRequest(HttpMethod.Delete, name) { Query = "multipart-manifest=delete", Headers = { ["Accept"] = "application/json" } };
        using var response = await client.SendAsync(request, cancellationToken);
        if (response.StatusCode == HttpStatusCode.NotFound)
            return;
        if (!response.IsSuccessStatusCode)
            throw await client.Errors.FromAsync(response, $"delete '{key}' with its segments", key, cancellationToken);
        await using var body = await client.Http.OpenAsync(response, cancellationToken);
        using var json = await PooledBody.ReadAsync(body, response.Content.Headers.ContentLength, cancellationToken);
        if (Outcome(json.Span) is { } status && status[0] != '2' && !status.StartsWith("404", StringComparison.Ordinal))
            throw client.Errors.Make(StoreErrorKind.Transient, $"Not all segments of '{key}' could be deleted ({status}). Delete it again.", key);
    }

    private static string? Outcome(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            using var document = JsonDocument.ParseValue(ref reader);
            return document.RootElement.TryGetProperty("Response Status", out var status) ? status.GetString() : null;
        }
        catch (JsonException)
        {
            // No body, or none in JSON: radosgw.
            return null;
        }
    }
}
