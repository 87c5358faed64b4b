using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes.Reading;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Kubernetes.Changes;

/// <summary>Names the fields that differ between two states of an object.</summary>
internal static class JsonDifference
{
    // spec.httpSecret signs uploads: it is in the object in clear text, and must not be in an output.
    private static readonly string[] Hidden = ["httpSecret"];

    /// <summary>The leaves that differ, in the order of the names. Lists are one leaf.</summary>
    public static IReadOnlyList<FieldChange> Compare(JsonNode? before, JsonNode? after, string path)
    {
        var changes = new List<FieldChange>();
        Add(before, after, path, changes);
        return changes;
    }

    private static void Add(JsonNode? before, JsonNode? after, string path, List<FieldChange> changes)
    {
        if (JsonNode.DeepEquals(before, after))
            return;
        var (left, right) = (before as JsonObject, after as JsonObject);
        if ((left is null && right is null) || (before is not null && left is null) || (after is not null && right is null))
        {
            changes.Add(new FieldChange(path, Show(before, path), Show(after, path)));
            return;
        }

        var count = changes.Count;
        foreach (var name in (left ?? []).Select(pair => pair.Key).Union((right ?? []).Select(pair => pair.Key)).Order(StringComparer.Ordinal).ToList())
            Add(left?[name], right?[name], $"{path}.{name}", changes);
        // An object without members came or went: emptyDir: {}.
        if (changes.Count == count)
            changes.Add(new FieldChange(path, Show(before, path), Show(after, path)));
    }

    private static string? Show(JsonNode? value, string path) =>
        value is null ? null : Array.Exists(Hidden, name => path.EndsWith("." + name, StringComparison.Ordinal)) ? "***" : JsonText.Show(value);
}
