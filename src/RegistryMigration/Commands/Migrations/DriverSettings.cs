using System.Collections;
using System.Management.Automation;
using System.Text.Json.Nodes;

namespace RegistryMigration.Commands.Migrations;

/// <summary>Settings of a storage driver as they are typed in PowerShell.</summary>
internal static class DriverSettings
{
    /// <summary>The same as JSON, by name: a table has its entries in another order in each session, and a step that is run again has to write what it began with.</summary>
    /// <exception cref="FormatException">A value is something else.</exception>
    public static JsonObject ToJson(Hashtable? settings)
    {
        var json = new JsonObject();
        foreach (var setting in (settings ?? []).Cast<DictionaryEntry>().OrderBy(setting => $"{setting.Key}", StringComparer.Ordinal))
            json[$"{setting.Key}"] = Value($"{setting.Key}", setting.Value is PSObject wrapped ? wrapped.BaseObject : setting.Value);
        return json;
    }

    private static JsonNode? Value(string name, object? value) => value switch
    {
        string text => JsonValue.Create(text),
        bool flag => JsonValue.Create(flag),
        int or long => JsonValue.Create(Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture)),
        Hashtable inner => ToJson(inner),
        _ => throw new FormatException($"The driver setting {name} is neither a text, a whole number, $true, $false nor a table of these."),
    };
}
