using System.Globalization;
using System.Text.Json.Nodes;

namespace RegistryMigration.Lab.Cluster;

/// <summary>Label and field selectors as the scheduler reads them.</summary>
internal static class Selectors
{
    /// <summary>matchLabels and matchExpressions; no selector selects nothing, an empty one everything.</summary>
    public static bool MatchesLabels(JsonNode? selector, JsonObject? labels) => selector is JsonObject given
        && (given["matchLabels"] as JsonObject ?? []).All(label => Value(labels, label.Key) == label.Value?.GetValue<string>())
        && Expressions(given["matchExpressions"], key => Value(labels, key));

    /// <summary>One of the terms has to match: node labels, and <c>metadata.name</c> as a field.</summary>
    public static bool MatchesNode(JsonNode? terms, JsonObject? labels, string name) => (terms as JsonArray ?? []).OfType<JsonObject>().Any(term =>
        Expressions(term["matchExpressions"], key => Value(labels, key)) && Expressions(term["matchFields"], key => key == "metadata.name" ? name : null));

    /// <summary>Whether every taint that keeps pods away is tolerated.</summary>
    public static bool Tolerates(IEnumerable<JsonNode> tolerations, IEnumerable<JsonNode> taints) => taints
        .Where(taint => Text(taint, "effect") is "NoSchedule" or "NoExecute")
        .All(taint => tolerations.Any(toleration => (Text(toleration, "effect") is null or "" || Text(toleration, "effect") == Text(taint, "effect"))
            && (Text(toleration, "operator") == "Exists" ? Text(toleration, "key") is null or "" || Text(toleration, "key") == Text(taint, "key") : Text(toleration, "key") == Text(taint, "key") && (Text(toleration, "value") ?? "") == (Text(taint, "value") ?? ""))));

    private static bool Expressions(JsonNode? expressions, Func<string, string?> value) => (expressions as JsonArray ?? []).OfType<JsonObject>().All(expression =>
    {
        var actual = value(Text(expression, "key")!);
        var values = (expression["values"] as JsonArray ?? []).Select(given => given!.GetValue<string>()).ToList();
        return Text(expression, "operator") switch
        {
            "In" => actual is not null && values.Contains(actual),
            "NotIn" => actual is null || !values.Contains(actual),
            "Exists" => actual is not null,
            "DoesNotExist" => actual is null,
            "Gt" => long.TryParse(actual, CultureInfo.InvariantCulture, out var number) && number > long.Parse(values[0], CultureInfo.InvariantCulture),
            "Lt" => long.TryParse(actual, CultureInfo.InvariantCulture, out var number) && number < long.Parse(values[0], CultureInfo.InvariantCulture),
            _ => false,
        };
    });

    private static string? Value(JsonObject? labels, string key) => labels?[key]?.GetValue<string>();

    private static string? Text(JsonNode? node, string name) => node?[name]?.GetValue<string>();
}
