using System.Text.Json;
using RegistryMigration.Engine.Stores.Swift.Configuration;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Stores.Swift.Authentication;

/// <summary>Finds the object store in the catalog that comes with a Keystone token.</summary>
internal static class ServiceCatalog
{
    /// <summary>The account's address by region and interface; the first region where none is asked for.</summary>
    /// <exception cref="StoreException">The catalog has none; the message lists what it has.</exception>
    public static Uri ObjectStore(JsonElement token, SwiftSettings settings)
    {
        var others = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var endpoint in Endpoints(token))
        {
            var region = Text(endpoint, "region_id") ?? Text(endpoint, "region");
            var face = Text(endpoint, "interface");
            if (face == settings.Interface && (settings.Region is null || settings.Region == region) && Uri.TryCreate(Text(endpoint, "url"), UriKind.Absolute, out var address))
                return address;
            others.Add($"{face} in {region}");
        }

        throw new StoreException(StoreErrorKind.NotFound, others.Count == 0
            ? "The Keystone catalog names no object store for this project. Check the project, or give the storage address."
            : $"The Keystone catalog has no {settings.Interface} object store in region '{settings.Region ?? "any"}'. It has: {string.Join(", ", others)}. Give one of them as region and interface.");
    }

    private static IEnumerable<JsonElement> Endpoints(JsonElement token)
    {
        if (!token.TryGetProperty("catalog", out var catalog))
            yield break;
        foreach (var service in catalog.EnumerateArray())
        {
            if (Text(service, "type") != "object-store")
                continue;
            foreach (var endpoint in service.GetProperty("endpoints").EnumerateArray())
                yield return endpoint;
        }
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
