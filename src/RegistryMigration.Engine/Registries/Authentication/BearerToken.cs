using System.Net.Http.Headers;
using System.Text.Json;

namespace RegistryMigration.Engine.Registries.Authentication;

/// <summary>A token as a token service hands it out.</summary>
/// <param name="Header">What goes into the request.</param>
/// <param name="RenewAt">When to ask for another one.</param>
internal sealed record BearerToken(AuthenticationHeaderValue Header, DateTimeOffset RenewAt)
{
    /// <summary>Reads the answer of a token service; null where it holds no token.</summary>
    /// <remarks>
    /// distribution docs/spec/auth/token.md: <c>token</c>, or <c>access_token</c> for OAuth 2.0 clients; <c>expires_in</c> in seconds is 60
    /// where missing. <c>issued_at</c> is left aside: it is the other side's clock, and ours may differ.
    /// </remarks>
    public static BearerToken? Read(ReadOnlySpan<byte> json, DateTimeOffset now)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            using var document = JsonDocument.ParseValue(ref reader);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || (Text(root, "token") ?? Text(root, "access_token")) is not { } token)
                return null;
            var seconds = root.TryGetProperty("expires_in", out var expires) && expires.ValueKind == JsonValueKind.Number && expires.TryGetInt64(out var given) && given > 0 ? given : 60;
            // A request under way must not outlive its token: renewed a tenth of its life, at most 30 s, ahead.
            var margin = Math.Min(30, seconds / 10.0);
            return new BearerToken(new AuthenticationHeaderValue("Bearer", token), now + TimeSpan.FromSeconds(Math.Min(seconds, 86_400) - margin));
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            return null;
        }
    }

    private static string? Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;
}
