using System.Text.Json.Nodes;

namespace RegistryMigration.Lab.Cluster;

/// <summary>The ClusterOperator: the union of what Config and ImagePruner say, so that it can be degraded for reasons that are not the registry's.</summary>
internal static class ClusterOperatorStatus
{
    private const string Version = "4.16.0";

    /// <summary>The conditions of the ClusterOperator.</summary>
    /// <param name="current">What it says now.</param>
    /// <param name="config">Conditions of the Config.</param>
    /// <param name="pruner">Conditions of the ImagePruner.</param>
    public static JsonObject Of(IEnumerable<JsonNode> current, IEnumerable<JsonObject> config, IEnumerable<JsonObject> pruner)
    {
        var all = config.Concat(pruner.Select(condition =>
        {
            condition["type"] = $"ImagePruner{condition["type"]}";
            return condition;
        })).ToList();
        var conditions = new Conditions(current);
        Union(conditions, all, "Available", "True");
        Union(conditions, all, "Progressing", "False");
        Union(conditions, all, "Degraded", "False");
        return new JsonObject { ["conditions"] = conditions.ToJson(), ["versions"] = new JsonArray(new JsonObject { ["name"] = "operator", ["version"] = Version }) };
    }

    private static void Union(Conditions conditions, List<JsonObject> all, string type, string normal)
    {
        var concerned = all.Where(condition => Conditions.Text(condition, "type")!.EndsWith(type, StringComparison.Ordinal)).ToList();
        var status = concerned.Select(condition => Conditions.Text(condition, "status")!).FirstOrDefault(value => value != normal && value != "Unknown")
            ?? (concerned.Exists(condition => Conditions.Text(condition, "status") == "Unknown") ? "Unknown" : normal);
        var reasons = concerned.Where(condition => Conditions.Text(condition, "reason") is { Length: > 0 } reason && reason != "AsExpected")
            .Select(condition => Conditions.Text(condition, "type")![..^type.Length] + Conditions.Text(condition, "reason")).Order(StringComparer.Ordinal).ToList();
        var messages = concerned.Where(condition => Conditions.Text(condition, "message") is { Length: > 0 }).Select(condition => $"{condition["type"]}: {condition["message"]}");
        conditions.Set(type, status, reasons.Count == 0 ? "AsExpected" : string.Join("::", reasons), string.Join('\n', messages));
    }
}
