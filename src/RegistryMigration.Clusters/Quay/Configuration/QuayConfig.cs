using System.Text.Json.Nodes;

namespace RegistryMigration.Clusters.Quay.Configuration;

/// <summary>Quay's <c>config.yaml</c>: read as Quay reads it, and changed value by value, so that comments, order, quotes and unknown keys of all else stay as they are.</summary>
public sealed class QuayConfig
{
    private const char ByteOrderMark = '\uFEFF';

    private readonly PlacedNode? _root;
    private readonly JsonObject _json;

    private QuayConfig(string text)
    {
        Text = text;
        _root = PlacedReader.Read(text);
        _json = (_root is null ? new JsonObject() : Normal(PlacedJson.Of(_root))) as JsonObject
            ?? throw new FormatException("The configuration can't be read: it is no mapping of keys to values. Is it Quay's config.yaml?");
    }

    /// <summary>The text, with all secrets in it.</summary>
    public string Text { get; }

    /// <summary>The whole configuration as JSON, a copy, with the types that it has for Quay.</summary>
    public JsonObject Json => (JsonObject)_json.DeepClone();

    /// <summary>Reads a text.</summary>
    /// <exception cref="FormatException">It is no YAML, or none that Quay reads: the message has line and column, and nothing of the content but keys.</exception>
    public static QuayConfig Parse(string yaml)
    {
        ArgumentNullException.ThrowIfNull(yaml);
        return new QuayConfig(yaml.TrimStart(ByteOrderMark));
    }

    /// <summary>What is at a path of keys, a copy; null where nothing is.</summary>
    public JsonNode? At(params string[] path) => Find(path)?.DeepClone();

    /// <summary>A truth value of the first level; null where there is none.</summary>
    public bool? Flag(string name) => Find([name]) is JsonValue value && value.TryGetValue<bool>(out var flag) ? flag : null;

    /// <summary>A value of the first level as text; null where there is none, or a list or mapping.</summary>
    public string? Scalar(string name) => Find([name]) is not JsonValue value ? null : value.TryGetValue<string>(out var text) ? text : value.ToJsonString();

    /// <summary>The configuration with a value at a path, whose mappings are made where there are none; null takes the key away.</summary>
    /// <exception cref="FormatException">The text is written in a way that allows no safe change there (anchors, braces, …): the message says what to edit by hand.</exception>
    public QuayConfig Set(JsonNode? value, params string[] path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (path.Length == 0)
            throw new ArgumentException("The path is empty.", nameof(path));
        var meant = Meant(value = Normal(value), path);
        if (JsonNode.DeepEquals(meant, _json))
            return this;
        var text = YamlSplice.Set(Text, _root, value, path);
        try
        {
            var changed = new QuayConfig(text);
            if (JsonNode.DeepEquals(meant, changed._json))
                return changed;
        }
        catch (FormatException)
        {
            // Said below, by key: the place of the error is in a text that nobody has.
        }

        throw new FormatException($"The configuration can't be changed at {string.Join('.', path)} without changing more: anchors, aliases or merge keys (<<) lead there. Write the values in their place first.");
    }

    /// <summary>Stars, since the text holds secrets.</summary>
    public override string ToString() => "***";

    private JsonNode? Find(ReadOnlySpan<string> path)
    {
        JsonNode? node = _json;
        foreach (var name in path)
            node = (node as JsonObject)?[name];
        return node;
    }

    private JsonObject Meant(JsonNode? value, string[] path)
    {
        var meant = Json;
        var at = meant;
        foreach (var (key, depth) in path[..^1].Select((key, depth) => (key, depth)))
        {
            if (at[key] is null)
            {
                if (value is null)
                    return meant;
                at[key] = new JsonObject();
            }

            at = at[key] as JsonObject ?? throw new FormatException($"The configuration can't be changed at {string.Join('.', path[..(depth + 1)])}: it is no mapping.");
        }

        if (value is null)
            at.Remove(path[^1]);
        else
            at[path[^1]] = value.DeepClone();
        return meant;
    }

    // One form of every number and text, however it was made, so that they can be compared.
    private static JsonNode? Normal(JsonNode? value) => value is null ? null : JsonNode.Parse(value.ToJsonString());
}
