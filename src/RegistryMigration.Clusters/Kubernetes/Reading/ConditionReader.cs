using System.Globalization;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Kubernetes.Reading;

/// <summary>Reads conditions; every type of Kubernetes and OpenShift writes them alike.</summary>
public static class ConditionReader
{
    /// <summary>The conditions of <c>status.conditions</c>, in the object's order.</summary>
    public static IReadOnlyList<RegistryCondition> Read(Resource? resource) =>
        resource is null ? [] : [.. resource.Items("status", "conditions").Select(item => Read(item))];

    /// <summary>One condition.</summary>
    public static RegistryCondition Read(System.Text.Json.Nodes.JsonNode condition)
    {
        var item = JsonText.ObjectOf(condition);
        return new RegistryCondition(
            item.Text("type") ?? "",
            item.Text("status") switch
            {
                "True" => true,
                "False" => false,
                _ => null,
            },
            Filled(item.Text("reason")),
            Filled(item.Text("message")),
            DateTimeOffset.TryParse(item.Text("lastTransitionTime"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var since) ? since : null);
    }

    private static string? Filled(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
