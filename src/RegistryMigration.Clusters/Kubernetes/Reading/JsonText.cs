using System.Text.Json;
using System.Text.Json.Nodes;

namespace RegistryMigration.Clusters.Kubernetes.Reading;

/// <summary>Small readings of JSON that objects of a cluster need.</summary>
internal static class JsonText
{
    // Readable in a console: < and quotes of other languages stay as they are. What is shown is never put into HTML as it is.
    private static readonly JsonSerializerOptions Readable = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A part of an object with the short readings of a whole one; empty where the node is no object.</summary>
    public static Resource ObjectOf(JsonNode? node) => new(node as JsonObject ?? []);

    /// <summary>A value as one shows it: texts without quotes at the top, all else as JSON.</summary>
    public static string Show(JsonNode node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : node.ToJsonString(Readable);

    /// <summary>Texts by name; what is no text is left out.</summary>
    public static Dictionary<string, string> Texts(JsonObject? section) => (section ?? [])
        .Where(pair => pair.Value is JsonValue)
        .ToDictionary(pair => pair.Key, pair => Show(pair.Value!), StringComparer.Ordinal);
}
