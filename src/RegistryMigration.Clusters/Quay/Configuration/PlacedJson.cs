using System.Text.Json.Nodes;

namespace RegistryMigration.Clusters.Quay.Configuration;

/// <summary>Makes JSON of YAML nodes: aliases and merge keys are resolved.</summary>
internal sealed class PlacedJson
{
    // Aliases of aliases grow beyond any memory.
    private const int MaxNodes = 100_000;

    private int _nodes;

    private PlacedJson()
    {
    }

    /// <summary>The value of a node.</summary>
    /// <exception cref="FormatException">It would be too large, or a merge key has no mapping.</exception>
    public static JsonNode? Of(PlacedNode node) => new PlacedJson().Value(node);

    private JsonNode? Value(PlacedNode node)
    {
        if (++_nodes > MaxNodes)
            throw new FormatException("The configuration's aliases make it larger than any configuration is. Write the values in place of the aliases.");
        return node switch
        {
            PlacedAlias alias => Value(alias.Target),
            PlacedMapping mapping => Mapping(mapping),
            PlacedSequence sequence => new JsonArray([.. sequence.Items.Select(Value)]),
            PlacedScalar { IsPlain: true } scalar => YamlScalars.Read(scalar.Text),
            _ => JsonValue.Create(((PlacedScalar)node).Text),
        };
    }

    private JsonObject Mapping(PlacedMapping mapping)
    {
        var result = new JsonObject();
        foreach (var entry in mapping.Entries.Where(entry => !entry.IsMerge))
            result[entry.Key.Text] = Value(entry.Value);
        // A key of its own wins over a merged one, and the first mapping over those after it.
        foreach (var merged in mapping.Entries.Where(entry => entry.IsMerge).SelectMany(entry => Merged(entry.Value)))
        {
            foreach (var (key, value) in merged.Where(pair => !result.ContainsKey(pair.Key)))
                result[key] = value?.DeepClone();
        }

        return result;
    }

    private IEnumerable<JsonObject> Merged(PlacedNode node) => node switch
    {
        PlacedAlias alias => Merged(alias.Target),
        PlacedSequence sequence => sequence.Items.SelectMany(Merged),
        PlacedMapping mapping => [Mapping(mapping)],
        _ => throw new FormatException("The configuration has a merge key (<<) whose value is no mapping. Write the keys in its place."),
    };
}
