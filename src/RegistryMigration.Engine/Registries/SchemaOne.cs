using System.Text.Json;

namespace RegistryMigration.Engine.Registries;

/// <summary>What the digest of a signed schema 1 manifest is taken over: the document as it was before its signatures were put in.</summary>
/// <remarks>
/// distribution docs/spec/manifest-v2-1.md, "Signed Manifests": the protected header of a signature tells how many bytes of the document
/// stand before them (<c>formatLength</c>) and what followed (<c>formatTail</c>, base64url).
/// </remarks>
internal static class SchemaOne
{
    /// <summary>The signed bytes; null where the document is not a signed manifest of schema 1.</summary>
    public static byte[]? Payload(ReadOnlyMemory<byte> content)
    {
        try
        {
            using var document = JsonDocument.Parse(content);
            var header = document.RootElement.GetProperty("signatures")[0].GetProperty("protected").GetString() ?? "";
            using var format = JsonDocument.Parse(Decode(header));
            var length = format.RootElement.GetProperty("formatLength").GetInt32();
            var tail = Decode(format.RootElement.GetProperty("formatTail").GetString() ?? "");
            return length >= 0 && length <= content.Length ? [.. content.Span[..length], .. tail] : null;
        }
        catch (Exception e) when (e is JsonException or FormatException or KeyNotFoundException or InvalidOperationException or IndexOutOfRangeException)
        {
            return null;
        }
    }

    private static byte[] Decode(string base64Url)
    {
        var text = base64Url.Replace('-', '+').Replace('_', '/');
        return Convert.FromBase64String(text.PadRight((text.Length + 3) / 4 * 4, '='));
    }
}
