using System.Globalization;
using System.Text.Json.Nodes;

namespace RegistryMigration.Clusters.Tests.Support;

/// <summary>A place in a JSON document (RFC 6901).</summary>
internal sealed record JsonPointer(IReadOnlyList<string> Parts)
{
    public static JsonPointer Parse(string text) => text.Length == 0
        ? new JsonPointer([])
        : text[0] == '/'
            ? new JsonPointer([.. text[1..].Split('/').Select(part => part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))])
            : throw new FormatException($"'{text}' is no JSON pointer: it must begin with '/'.");

    /// <summary>The object or array that holds the place, and the name or index in it.</summary>
    public (JsonNode Parent, string Last) Resolve(JsonNode root)
    {
        var node = root;
        foreach (var part in Parts.SkipLast(1))
            node = Child(node, part) ?? throw new FormatException($"'{this}' leads through '{part}', which is not there.");
        return (node, Parts[^1]);
    }

    /// <summary>What is at the place; an error where nothing is.</summary>
    public JsonNode? Read(JsonNode root)
    {
        if (Parts.Count == 0)
            return root;
        var (parent, last) = Resolve(root);
        if (parent is JsonObject named && !named.ContainsKey(last))
            throw new FormatException($"'{this}' is not there.");
        return Child(parent, last);
    }

    public override string ToString() => string.Concat(Parts.Select(part => $"/{part.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}"));

    public static int Index(JsonArray array, string part, bool end) =>
        part == "-" && end ? array.Count
        : int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < array.Count + (end ? 1 : 0) ? index
        : throw new FormatException($"There is no index '{part}' in an array of {array.Count}.");

    private static JsonNode? Child(JsonNode node, string part) => node switch
    {
        JsonObject named => named[part],
        JsonArray array => array[Index(array, part, end: false)],
        _ => throw new FormatException($"'{part}' is asked of a value that has no parts."),
    };
}
