using System.Text.Json.Nodes;

namespace RegistryMigration.Commands.OpenShift;

/// <summary>Gathers the storage settings that were given.</summary>
internal sealed class StorageArguments
{
    private readonly Dictionary<string, JsonNode?> _values = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, JsonNode?> Values => _values;

    /// <summary>A text; an empty one removes the setting.</summary>
    public StorageArguments Add(string name, string? value)
    {
        if (value is not null)
            _values[name] = value.Length == 0 ? null : value;
        return this;
    }

    public StorageArguments Add(string name, int? value)
    {
        if (value is { } given)
            _values[name] = given;
        return this;
    }

    public StorageArguments Add(string name, bool? value)
    {
        if (value is { } given)
            _values[name] = given;
        return this;
    }

    /// <summary>A reference to an object by name; an empty text removes it.</summary>
    public StorageArguments AddNamed(string name, string? value)
    {
        if (value is not null)
            _values[name] = value.Length == 0 ? null : new JsonObject { ["name"] = value };
        return this;
    }
}
