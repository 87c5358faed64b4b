using System.Text.Json.Nodes;

namespace RegistryMigration.Clusters.Kubernetes.Changes;

/// <summary>A field of an object and the value it is to have.</summary>
/// <param name="Path">The names that lead there.</param>
/// <param name="Value">The value; null for a field that is not to be there.</param>
public sealed record ConfigField(IReadOnlyList<string> Path, JsonNode? Value)
{
    /// <summary>The part of the value that an object does not have, by its path; null where it has all. What the object has beside it does not matter.</summary>
    public string? MissingIn(JsonNode? root) => Missing(Value, JsonPath.At(root, Path), JsonPath.Text(Path));

    private static string? Missing(JsonNode? wanted, JsonNode? found, string path) => wanted switch
    {
        JsonObject section when found is JsonObject there => section.Select(pair => Missing(pair.Value, there[pair.Key], $"{path}.{pair.Key}")).FirstOrDefault(missing => missing is not null),
        _ => JsonNode.DeepEquals(wanted, found) ? null : path,
    };
}
