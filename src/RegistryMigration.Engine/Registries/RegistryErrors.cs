using System.Net;
using System.Text.Json;
using RegistryMigration.Engine.Http;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Registries;

/// <summary>Reads a registry's error documents and gives them a kind and a next step.</summary>
/// <remarks>OCI distribution-spec, "Error Codes": <c>{"errors":[{"code","message","detail"}]}</c>.</remarks>
internal static class RegistryErrors
{
    private const int MaxShown = 300;

    /// <summary>The first error's code and message; nulls where the body is something else.</summary>
    public static (string? Code, string? Message) Read(ReadOnlySpan<byte> body)
    {
        try
        {
            var reader = new Utf8JsonReader(body);
            using var document = JsonDocument.ParseValue(ref reader);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
                return default;
            if (root.TryGetProperty("errors", out var errors) && errors.ValueKind == JsonValueKind.Array && errors.GetArrayLength() > 0 && errors[0].ValueKind == JsonValueKind.Object)
                return (Text(errors[0], "code"), Text(errors[0], "message"));
            // Token services answer in several shapes: Docker Hub "details", Quay "error"/"message"; Quay's own API "error_message".
            return (null, Text(root, "message") ?? Text(root, "details") ?? Text(root, "error") ?? Text(root, "error_message"));
        }
        catch (JsonException)
        {
            return default;
        }
    }

    /// <summary>The kind of a failure: the registry's code is more precise than the status.</summary>
    public static StoreErrorKind KindOf(HttpStatusCode status, string? code) => code switch
    {
        "TOOMANYREQUESTS" => StoreErrorKind.Throttled,
        "BLOB_UNKNOWN" or "MANIFEST_UNKNOWN" or "MANIFEST_BLOB_UNKNOWN" or "NAME_UNKNOWN" or "BLOB_UPLOAD_UNKNOWN" => StoreErrorKind.NotFound,
        "DIGEST_INVALID" or "SIZE_INVALID" => StoreErrorKind.Integrity,
        _ => HttpFailures.KindOf(status),
    };

    public static string NextStep(StoreErrorKind kind, bool inStorage) => (kind, inStorage) switch
    {
        (StoreErrorKind.Denied or StoreErrorKind.Unauthenticated, true) => "The signed address was refused: check the clock of the registry, its storage credentials, and segments outside of the container; or set the registry's redirect to disabled.",
        (StoreErrorKind.NotFound, true) => "The registry has a link to it and its storage has no content: audit the store.",
        (StoreErrorKind.Denied, _) => "Check the user's rights on the repository.",
        (StoreErrorKind.Unauthenticated, _) => "Check the credentials.",
        (StoreErrorKind.NotFound, _) => "It is not in this registry: check the name, or audit the store.",
        (StoreErrorKind.ReadOnly, _) => "The registry does not take this request: it is read-only, or deletion is disabled.",
        (StoreErrorKind.Throttled, _) => "The registry asks to slow down: lower the concurrency, or wait.",
        (StoreErrorKind.Transient, _) => "See the registry's log: its storage may be out of reach.",
        (StoreErrorKind.Full, _) => "Check the quota, the free room, and the largest body that the proxy lets through.",
        _ => "See the registry's log.",
    };

    public static string? Join(string? code, string? message) => (code, message) switch
    {
        (null, null) => null,
        (null, _) => Shown(message),
        (_, null) => Shown(code),
        _ => Shown($"{code}: {message}"),
    };

    /// <summary>Whether two addresses share scheme, host and port: the bound that credentials stay within.</summary>
    public static bool SameOrigin(Uri a, Uri b) =>
        a.Scheme == b.Scheme && a.Port == b.Port && string.Equals(a.IdnHost, b.IdnHost, StringComparison.OrdinalIgnoreCase);

    private static string? Text(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;

    // From outside, and on its way to a terminal: one line, bounded, no control characters.
    private static string Shown(string text) =>
        string.Concat(text.Take(MaxShown).Select(c => char.IsControl(c) ? ' ' : c)).Trim().TrimEnd('.');
}
