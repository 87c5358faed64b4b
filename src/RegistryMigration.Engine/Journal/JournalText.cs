using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Journal;

/// <summary>What was found in a journal's bytes.</summary>
/// <param name="Records">The whole records, in order.</param>
/// <param name="Length">Bytes of them; what follows is torn.</param>
/// <param name="Torn">The bytes of a last record that was not written to its end; empty where there is none.</param>
internal sealed record JournalText(IReadOnlyList<JournalRecord> Records, int Length, byte[] Torn)
{
    /// <summary>Reads records; a last line without its end, or that is no record, is torn: a crash or a full disk cut it, and nobody relied on it.</summary>
    /// <param name="bytes">The journal.</param>
    /// <param name="place">Where it is, for errors.</param>
    /// <exception cref="JournalException">A line before the last one is no record, or the format is newer than this program.</exception>
    public static JournalText Read(ReadOnlyMemory<byte> bytes, string place)
    {
        var records = new List<JournalRecord>();
        var start = 0;
        while (start < bytes.Length)
        {
            var end = bytes.Span[start..].IndexOf((byte)'\n');
            if (end < 0)
                break;
            var line = bytes.Slice(start, end);
            var isLast = start + end + 1 == bytes.Length;
            var json = AsObject(line.Span);
            if (json is null && isLast)
                break;
            var record = json is null ? null : Parse(json, records.Count == 0, place);
            if (record is null || record.Sequence <= (records.Count == 0 ? 0 : records[^1].Sequence))
                throw Damaged(place, records.Count + 1);
            records.Add(record);
            start += end + 1;
        }

        return new JournalText(records, start, bytes[start..].ToArray());
    }

    private static JsonObject? AsObject(ReadOnlySpan<byte> line)
    {
        try
        {
            return JsonNode.Parse(line) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static JournalRecord? Parse(JsonObject json, bool isFirst, string place)
    {
        if (Value<int>(json["migration"] as JsonObject, "format") is > JournalHeader.CurrentFormat and var format)
            throw TooNew(place, $"format {format}, and this one reads up to {JournalHeader.CurrentFormat}");
        if (Value<string>(json, "kind") is { } kind && !Enum.GetNames<JournalRecordKind>().Contains(kind, StringComparer.Ordinal))
            throw TooNew(place, $"it has a record of the kind '{kind}'");
        try
        {
            var record = json.Deserialize(JournalJson.Default.JournalRecord);
            return record is null || isFirst != (record.Migration is not null) ? null : record;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static T? Value<T>(JsonObject? json, string name) => json?[name] is JsonValue value && value.TryGetValue<T>(out var found) ? found : default;

    private static JournalException Damaged(string place, int line) =>
        new($"Line {line} of {place} is no record of a journal, so it was damaged or edited. Keep it, move it away, and open the migration again: it is rebuilt from the copy in the cluster, where there is one.");

    private static JournalException TooNew(string place, string what) =>
        new($"{place} was written by a newer version of this module ({what}). Update the module on this machine: Update-Module RegistryMigration.");

    /// <summary>A record as the bytes that are written, its end included.</summary>
    public static byte[] Line(JournalRecord record) => Encoding.UTF8.GetBytes(record.ToLine() + "\n");
}
