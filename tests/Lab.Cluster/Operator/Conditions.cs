using System.Text.Json.Nodes;

namespace RegistryMigration.Lab.Cluster;

/// <summary>A list of conditions: times change with the status only.</summary>
internal sealed class Conditions
{
    private readonly List<JsonObject> _all;

    /// <summary>Begins with what there is.</summary>
    public Conditions(IEnumerable<JsonNode> known) => _all = [.. known.OfType<JsonObject>().Select(condition => (JsonObject)condition.DeepClone())];

    /// <summary>All of them, as copies.</summary>
    public IEnumerable<JsonObject> All => _all.Select(condition => (JsonObject)condition.DeepClone());

    /// <summary>What a condition says now.</summary>
    public string? this[string type] => _all.Find(condition => Text(condition, "type") == type)?["status"]?.GetValue<string>();

    /// <summary>Since when.</summary>
    public DateTimeOffset Since(string type) =>
        _all.Find(condition => Text(condition, "type") == type)?["lastTransitionTime"]?.GetValue<string>() is { } time ? DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture) : DateTimeOffset.MaxValue;

    /// <summary>Sets one.</summary>
    public void Set(string type, string status, string reason, string message)
    {
        var condition = _all.Find(known => Text(known, "type") == type);
        if (condition is null)
            _all.Add(condition = new JsonObject { ["type"] = type });
        if (Text(condition, "status") != status)
            condition["lastTransitionTime"] = ContainerLog.Now()[..19] + "Z";
        condition["status"] = status;
        condition["reason"] = reason;
        condition["message"] = message;
    }

    /// <summary>As an array of its own.</summary>
    public JsonArray ToJson() => new([.. All]);

    public static string? Text(JsonObject condition, string name) => condition[name]?.GetValue<string>();
}
