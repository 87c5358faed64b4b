using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace RegistryMigration.Lab.Cluster;

/// <summary>The directory <c>conf/stack</c>: <c>config.yaml</c> as Python reads it, certificates beside it. Read once, as Quay does.</summary>
internal sealed partial class QuayConfig
{
    private readonly JsonObject _values;

    private QuayConfig(string directory, JsonObject values) => (Directory, _values) = (directory, values);

    /// <summary>Where it was read.</summary>
    public string Directory { get; }

    /// <summary>Scheme and host of the address that clients use: get_app_url().</summary>
    public string Url => $"{Text("PREFERRED_URL_SCHEME") ?? "http"}://{Hostname}";

    /// <summary>The host, with a port where there is one.</summary>
    public string Hostname => Text("SERVER_HOSTNAME") ?? "localhost:5000";

    /// <summary>Whether the database may not be written.</summary>
    public bool IsReadOnly => Text("REGISTRY_STATE") == "readonly";

    /// <summary>Whether this serves HTTPS itself.</summary>
    public bool ServesTls => Text("PREFERRED_URL_SCHEME") == "https" && !Flag("EXTERNAL_TLS_TERMINATION");

    /// <summary>Reads a directory.</summary>
    /// <exception cref="QuayBootException">There is no configuration in it, or it is no mapping.</exception>
    public static QuayConfig Read(string directory)
    {
        var file = Path.Combine(directory, "config.yaml");
        if (!File.Exists(file))
            throw new QuayBootException("Your configuration bundle is either not mounted or setup has not been completed");
        try
        {
            return new QuayConfig(directory, Parse(File.ReadAllText(file)));
        }
        catch (Exception e) when (e is YamlDotNet.Core.YamlException or InvalidCastException)
        {
            throw new QuayBootException($"An error occurred during validation. Process could not marshal config.yaml. {e.Message}");
        }
    }

    /// <summary>YAML as PyYAML reads it (YAML 1.1): <c>yes</c> is true, <c>"no"</c> is a text.</summary>
    public static JsonObject Parse(string yaml)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        return stream.Documents.Count == 0 ? [] : (JsonObject)Value(stream.Documents[0].RootNode)!;
    }

    /// <summary>A value; null where there is none.</summary>
    public JsonNode? this[string name] => _values[name];

    /// <summary>A text; null where there is none.</summary>
    public string? Text(string name) => _values[name] is JsonValue value ? value.ToString() : null;

    /// <summary>Whether a value is true to Python: a text is when it is not empty, whatever it says.</summary>
    public bool Flag(string name) => IsTrue(_values[name]);

    /// <summary>Whether a value is true to Python.</summary>
    public static bool IsTrue(JsonNode? value) => value switch
    {
        null => false,
        JsonArray list => list.Count > 0,
        JsonObject map => map.Count > 0,
        _ => value.GetValueKind() switch
        {
            System.Text.Json.JsonValueKind.True => true,
            System.Text.Json.JsonValueKind.String => value.GetValue<string>().Length > 0,
            System.Text.Json.JsonValueKind.Number => value.ToString() is not ("0" or "0.0"),
            _ => false,
        },
    };

    /// <summary>A path of the configuration, which Quay takes from /quay-registry: <c>conf/stack</c> is the directory, and what lies beside it is its parent's.</summary>
    public string PathOf(string path)
    {
        foreach (var (prefix, outside) in new[] { ("conf/stack/", Directory), ("conf/", Path.Combine(Directory, "..")) })
            foreach (var root in new[] { "/quay-registry/", "/", "" })
                if (path.StartsWith(root + prefix, StringComparison.Ordinal))
                    return Path.GetFullPath(Path.Combine(outside, path[(root.Length + prefix.Length)..]));
        return path;
    }

    private static JsonNode? Value(YamlNode node)
    {
        switch (node)
        {
            case YamlMappingNode map:
                var members = new JsonObject();
                foreach (var (key, value) in map.Children)
                    members[((YamlScalarNode)key).Value ?? ""] = Value(value);
                return members;
            case YamlSequenceNode list:
                return new JsonArray([.. list.Children.Select(Value)]);
            case YamlScalarNode { Style: YamlDotNet.Core.ScalarStyle.Plain, Value: var text }:
                return Plain(text ?? "");
            default:
                return ((YamlScalarNode)node).Value;
        }
    }

    private static JsonNode? Plain(string text)
    {
        if (text is "" or "~" or "null" or "Null" or "NULL")
            return null;
        if (Boolean().Match(text) is { Success: true } boolean)
            return boolean.Groups["true"].Success;
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
            return whole;
        return Number().IsMatch(text) ? double.Parse(text, CultureInfo.InvariantCulture) : text;
    }

    [GeneratedRegex("^(?:(?<true>yes|Yes|YES|true|True|TRUE|on|On|ON)|no|No|NO|false|False|FALSE|off|Off|OFF)$")]
    private static partial Regex Boolean();

    [GeneratedRegex(@"^[-+]?[0-9]+\.[0-9]*(?:[eE][-+][0-9]+)?$")]
    private static partial Regex Number();
}

/// <summary>Quay does not start: what it says, and exit code 1.</summary>
internal sealed class QuayBootException(string message) : Exception(message);
