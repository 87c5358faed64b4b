using System.Text.Json.Nodes;

namespace RegistryMigration.Clusters.Quay.Configuration;

/// <summary>Changes one value of a YAML text and leaves every other character as it is. What it makes must be read again and compared: it knows places, not meaning.</summary>
internal static class YamlSplice
{
    /// <summary>The text with a value at a path; null as <paramref name="value"/> takes the key away.</summary>
    /// <exception cref="FormatException">The place is written in a way that can't be changed without touching more.</exception>
    public static string Set(string text, PlacedNode? root, JsonNode? value, ReadOnlySpan<string> path)
    {
        if (root is null)
            return value is null ? text : Append(text, text.Length, 0, path[0], Nested(value, path[1..]));
        var mapping = Mapping(root, path[0]);
        PlacedEntry? parent = null;
        for (var i = 0; ; i++)
        {
            var entry = mapping.Find(path[i]);
            if (entry is null)
                return value is null ? text : Append(text, parent, mapping, path[i], Nested(value, path[(i + 1)..]));
            if (i == path.Length - 1)
                return value is null ? Remove(text, parent, mapping, entry) : Replace(text, entry, value);
            if (entry.Value is PlacedScalar { IsPlain: true } scalar && YamlScalars.Read(scalar.Text) is null)
                return value is null ? text : Replace(text, entry, Nested(value, path[(i + 1)..]));
            mapping = Mapping(entry.Value, path[i]);
            parent = entry;
        }
    }

    private static PlacedMapping Mapping(PlacedNode node, string key) => node switch
    {
        PlacedMapping { IsFlow: false } or PlacedMapping { Entries.Count: 0 } => (PlacedMapping)node,
        PlacedMapping => throw ByHand(key, "stands in braces; write it in lines first"),
        PlacedAlias => throw ByHand(key, "is an alias of another value; write the value itself in its place first"),
        _ => throw ByHand(key, "is no mapping"),
    };

    private static FormatException ByHand(string key, string why) => new($"The configuration can't be changed at {key}: it {why}.");

    private static JsonNode Nested(JsonNode value, ReadOnlySpan<string> path)
    {
        var result = value.DeepClone();
        for (var i = path.Length - 1; i >= 0; i--)
            result = new JsonObject { [path[i]] = result };
        return result;
    }

    private static string Append(string text, PlacedEntry? parent, PlacedMapping mapping, string key, JsonNode value)
    {
        if (mapping.Entries is [var first, ..])
            return Append(text, LineEnd(text, mapping.End), Column(text, first.Key), key, value);
        var only = new JsonObject { [key] = value };
        // The root itself is {}: lines take its place.
        return parent is not null ? Replace(text, parent, only) : string.Concat(text.AsSpan(0, mapping.Start), string.Join(NewLine(text), YamlBlock.Entry(key, value)), text.AsSpan(mapping.End));
    }

    private static string Append(string text, int at, int column, string key, JsonNode value)
    {
        var newLine = NewLine(text);
        var lines = string.Concat(YamlBlock.Entry(key, value).Select(line => new string(' ', column) + line + newLine));
        if (at == 0 || text[at - 1] == '\n')
            return text.Insert(at, lines);
        // Behind the last line's end, or at the end of a text whose last line has none.
        return at < text.Length ? text.Insert(at + (text[at] == '\r' ? 2 : 1), lines) : text + newLine + lines;
    }

    private static string Replace(string text, PlacedEntry entry, JsonNode value)
    {
        var column = Column(text, entry.Key);
        var colon = Colon(text, entry.Key);
        var (start, end) = (entry.Value.Start, entry.Value.End);
        if (end <= start)
            (start, end) = (colon, colon);
        var lines = YamlBlock.Entry("k", value);
        var inline = lines.Length == 1 ? lines[0]["k:".Length..] : "";
        var block = string.Concat(lines.Skip(1).Select(line => NewLine(text) + new string(' ', column) + line));
        var lineEnd = LineEnd(text, colon);
        if (start <= lineEnd)
        {
            // The old value begins on the key's line; what follows it there is a comment, which stays.
            var rest = LineEnd(text, end);
            return $"{text.AsSpan(0, colon)}{inline}{text.AsSpan(end, rest - end)}{block}{text.AsSpan(rest)}";
        }

        // The old value stands in lines of its own; what is between it and the key are comments, which stay.
        var from = LineStart(text, start) - (text[LineStart(text, start) - 2] == '\r' ? 2 : 1);
        return $"{text.AsSpan(0, colon)}{inline}{text.AsSpan(colon, from - colon)}{block}{text.AsSpan(LineEnd(text, end))}";
    }

    private static string Remove(string text, PlacedEntry? parent, PlacedMapping mapping, PlacedEntry entry)
    {
        // A key without a value would be null, and no longer a mapping.
        if (mapping.Entries.Count == 1 && parent is not null)
            return Replace(text, parent, new JsonObject());
        Column(text, entry.Key);
        var end = LineEnd(text, Math.Max(Colon(text, entry.Key), entry.Value.End));
        var next = end == text.Length ? end : end + (text[end] == '\r' ? 2 : 1);
        return text.Remove(LineStart(text, entry.Key.Start), next - LineStart(text, entry.Key.Start));
    }

    private static int Column(string text, PlacedScalar key)
    {
        var column = key.Start - LineStart(text, key.Start);
        return text.AsSpan(key.Start - column, column).IsWhiteSpace() ? column : throw ByHand(key.Text, "does not begin its line; put it on a line of its own first");
    }

    private static int Colon(string text, PlacedScalar key)
    {
        var at = key.End;
        while (at < text.Length && text[at] is ' ' or '\t')
            at++;
        return at < text.Length && text[at] == ':' ? at + 1 : throw ByHand(key.Text, "has no colon on its line; write it as 'key: value' first");
    }

    private static int LineStart(string text, int at) => at == 0 ? 0 : text.LastIndexOf('\n', at - 1) + 1;

    // Before the line break; of a value that ends with its line, that is where it ends.
    private static int LineEnd(string text, int at)
    {
        var end = text.IndexOf('\n', at);
        return end < 0 ? text.Length : end > 0 && text[end - 1] == '\r' ? end - 1 : end;
    }

    private static string NewLine(string text) => text.Contains("\r\n", StringComparison.Ordinal) ? "\r\n" : "\n";
}
