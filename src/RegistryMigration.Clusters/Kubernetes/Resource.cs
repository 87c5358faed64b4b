using System.Text.Json.Nodes;

namespace RegistryMigration.Clusters.Kubernetes;

/// <summary>An object of a cluster: its JSON as the server sent it, unknown fields included, and short names for what every object has.</summary>
/// <param name="json">The object; it is not copied.</param>
public sealed class Resource(JsonObject json)
{
    /// <summary>The whole object.</summary>
    public JsonObject Json { get; } = json;

    /// <summary><c>metadata.name</c>.</summary>
    public string Name => Text("metadata", "name") ?? "";

    /// <summary><c>metadata.namespace</c>; null for cluster-wide objects.</summary>
    public string? Namespace => Text("metadata", "namespace");

    /// <summary><c>metadata.uid</c>.</summary>
    public string? Uid => Text("metadata", "uid");

    /// <summary><c>metadata.resourceVersion</c>: changes with every write; opaque.</summary>
    public string? ResourceVersion => Text("metadata", "resourceVersion");

    /// <summary><c>metadata.generation</c>: changes with the spec only; 0 where the type has none.</summary>
    public long Generation => Number("metadata", "generation") ?? 0;

    /// <summary>The section (an object) at a path of names; null where it is not there or is none.</summary>
    public JsonObject? Section(params ReadOnlySpan<string> path) => At(path) as JsonObject;

    /// <summary>The items at a path of names; empty where there is no array.</summary>
    public IEnumerable<JsonNode> Items(params ReadOnlySpan<string> path) => (At(path) as JsonArray)?.OfType<JsonNode>() ?? [];

    /// <summary>The text at a path of names; null where there is none.</summary>
    public string? Text(params ReadOnlySpan<string> path) => At(path) is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    /// <summary>The whole number at a path of names; null where there is none.</summary>
    public long? Number(params ReadOnlySpan<string> path) => At(path) is not JsonValue value ? null : value.TryGetValue<long>(out var number) ? number : value.TryGetValue<int>(out var small) ? small : null;

    /// <summary>The truth value at a path of names; null where there is none.</summary>
    public bool? Flag(params ReadOnlySpan<string> path) => At(path) is JsonValue value && value.TryGetValue<bool>(out var flag) ? flag : null;

    /// <summary>Whatever is at a path of names; null where nothing is.</summary>
    public JsonNode? At(params ReadOnlySpan<string> path)
    {
        JsonNode? node = Json;
        foreach (var name in path)
            node = (node as JsonObject)?[name];
        return node;
    }

    /// <summary>Kind and name.</summary>
    public override string ToString() => $"{Text("kind") ?? "object"}/{Name}";
}
