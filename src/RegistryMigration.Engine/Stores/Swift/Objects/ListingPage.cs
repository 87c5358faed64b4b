using System.Text;
using System.Text.Json;

namespace RegistryMigration.Engine.Stores.Swift.Objects;

/// <summary>Reads one page of a listing in JSON.</summary>
/// <remarks>By hand rather than by a serializer: names and hashes are the only allocations, and nothing is found by reflection.</remarks>
internal static class ListingPage
{
    private const int HashLength = 32;

    /// <summary>The entries of a page, in the order of the page.</summary>
    /// <param name="json">The page, whole.</param>
    /// <param name="root">What all names start with, in UTF-8; cut off.</param>
    /// <param name="rejected">Told of names that are no text.</param>
    /// <exception cref="JsonException">The page is no listing.</exception>
    public static List<ListedObject> Parse(ReadOnlySpan<byte> json, ReadOnlySpan<byte> root, Action<RejectedEntry>? rejected)
    {
        var entries = new List<ListedObject>();
        if (json.IsEmpty)
            return entries;
        var reader = new Utf8JsonReader(json);
        reader.Read();
        Expect(reader, JsonTokenType.StartArray);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            Expect(reader, JsonTokenType.StartObject);
            if (ParseEntry(ref reader, root, rejected) is { } entry)
                entries.Add(entry);
        }

        return entries;
    }

    private static ListedObject? ParseEntry(ref Utf8JsonReader reader, ReadOnlySpan<byte> root, Action<RejectedEntry>? rejected)
    {
        string? name = null, hash = null;
        long bytes = 0;
        DateTimeOffset? modified = null;
        var isStatic = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("name"u8) || reader.ValueTextEquals("subdir"u8))
            {
                reader.Read();
                name = Name(ref reader, root, rejected);
            }
            else if (reader.ValueTextEquals("bytes"u8))
            {
                reader.Read();
                bytes = reader.TokenType == JsonTokenType.Number ? reader.GetInt64() : throw new JsonException("bytes is no number");
            }
            else if (reader.ValueTextEquals("hash"u8))
            {
                reader.Read();
                hash = reader.TokenType == JsonTokenType.String && reader.ValueSpan.Length == HashLength ? reader.GetString() : null;
            }
            else if (reader.ValueTextEquals("last_modified"u8))
            {
                reader.Read();
                modified = Time(ref reader);
            }
            else
            {
                isStatic |= reader.ValueTextEquals("slo_etag"u8);
                reader.Read();
                reader.Skip();
            }
        }

        return name is null ? null : new ListedObject(name, bytes, isStatic ? null : hash, modified);
    }

    private static string? Name(ref Utf8JsonReader reader, ReadOnlySpan<byte> root, Action<RejectedEntry>? rejected)
    {
        Expect(reader, JsonTokenType.String);
        try
        {
            if (!reader.ValueIsEscaped)
            {
                return reader.ValueSpan.StartsWith(root) && StrictUtf8.GetString(reader.ValueSpan[root.Length..]) is { } key
                    ? key
                    : throw new JsonException("a name outside of the prefix");
            }

            var name = reader.GetString()!;
            var prefix = Encoding.UTF8.GetString(root);
            return name.StartsWith(prefix, StringComparison.Ordinal) ? name[prefix.Length..] : throw new JsonException("a name outside of the prefix");
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            rejected?.Invoke(new RejectedEntry(Encoding.UTF8.GetString(reader.ValueSpan), "the name is no UTF-8"));
            return null;
        }
    }

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    // "2026-01-31T08:15:30.123456", in UTC without saying so; radosgw says Z.
    private static DateTimeOffset? Time(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.String || !reader.TryGetDateTime(out var time))
            return null;
        return time.Kind == DateTimeKind.Local ? time.ToUniversalTime() : DateTime.SpecifyKind(time, DateTimeKind.Utc);
    }

    private static void Expect(in Utf8JsonReader reader, JsonTokenType type)
    {
        if (reader.TokenType != type)
            throw new JsonException($"{reader.TokenType} where {type} was expected");
    }
}
