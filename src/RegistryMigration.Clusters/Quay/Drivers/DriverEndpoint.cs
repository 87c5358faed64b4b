using System.Text.Json.Nodes;

namespace RegistryMigration.Clusters.Quay.Drivers;

/// <summary>Where a driver of the S3 family sends its requests.</summary>
internal static class DriverEndpoint
{
    /// <summary>The address; null for AWS itself, in the region that the settings or the SDK say.</summary>
    /// <exception cref="FormatException">The settings make no address.</exception>
    public static Uri? Of(JsonObject settings)
    {
        if (Text(settings, "hostname") is { } hostname)
            return Build(hostname, settings["port"], IsTrue(settings["is_secure"]));
        // cloud.py, S3Storage: the region wins, and leads to AWS alone.
        if (Text(settings, "s3_region") is not null)
            return null;
        if (Text(settings, "endpoint_url") is { } url)
            return Address(url);
        return Text(settings, "host") is { } host ? Build(host, settings["port"], isSecure: true) : null;
    }

    /// <summary>AWS itself, in a region.</summary>
    public static Uri OfAws(string? region) => new(region is null ? "https://s3.amazonaws.com" : $"https://s3.{region}.amazonaws.com{(region.StartsWith("cn-", StringComparison.Ordinal) ? ".cn" : "")}");

    /// <summary>A text that is not empty; null otherwise.</summary>
    public static string? Text(JsonObject settings, string name) => settings[name] is JsonValue value && value.TryGetValue<string>(out var text) && text.Length > 0 ? text : null;

    /// <summary>What Python takes for true.</summary>
    public static bool IsTrue(JsonNode? node) => node is JsonValue value && (value.TryGetValue<bool>(out var flag) ? flag : !value.TryGetValue<string>(out var text) || text.Length > 0);

    // cloud.py, _build_endpoint_url: a scheme or port within the name wins.
    private static Uri Build(string hostname, JsonNode? port, bool isSecure)
    {
        var address = hostname.Contains("://", StringComparison.Ordinal) ? hostname : (isSecure ? "https://" : "http://") + hostname;
        var last = address.Split(':')[^1].Trim(' ', '/');
        return Address(port is JsonValue && port.ToString() is { Length: > 0 } number && !(last.Length > 0 && last.All(char.IsAsciiDigit)) ? $"{address}:{number}" : address);
    }

    private static Uri Address(string text) => Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" && address.Host.Length > 0
        ? address
        : throw new FormatException($"'{text}' is no address of a server. Give host and port, or https://host:port.");
}
