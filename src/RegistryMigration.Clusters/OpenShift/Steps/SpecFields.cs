using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Kubernetes.Changes;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.OpenShift.Steps;

/// <summary>Records fields of a spec, absent ones too, and brings exactly these back. Nothing else of the object is kept, since some fields are secrets.</summary>
internal static class SpecFields
{
    /// <summary>What is there now, with the version it was read in.</summary>
    public static JsonObject Record(Resource resource, params string[] names)
    {
        var spec = new JsonObject();
        foreach (var name in names)
        {
            if (resource.At("spec", name) is { } value)
                spec[name] = value.DeepClone();
        }

        return new JsonObject
        {
            ["resourceVersion"] = resource.ResourceVersion,
            ["generation"] = resource.Generation,
            ["fields"] = new JsonArray([.. names.Select(name => (JsonNode)name)]),
            ["spec"] = spec,
        };
    }

    /// <summary>A field as it was recorded; null where it was absent.</summary>
    public static JsonNode? Recorded(JsonObject record, string name) => (record["spec"] as JsonObject)?[name];

    /// <summary>Sets every recorded field to what it was; fields that were absent are removed.</summary>
    public static ConfigChange Restore(this ConfigChange change, JsonObject record)
    {
        foreach (var field in record["fields"] as JsonArray ?? [])
            change.Set(Recorded(record, (string)field!)?.DeepClone(), (string)field!);
        return change;
    }

    /// <summary>What an undo of a step brings back, in words.</summary>
    public static string Describe(MigrationStep step) => $"{step?.Target}: {(step?.Before is { } before ? Describe(before) : "nothing recorded")}";

    /// <summary>The recorded fields in words: <c>replicas 1, readOnly absent</c>.</summary>
    public static string Describe(JsonObject record) => string.Join(", ", (record["fields"] as JsonArray ?? []).Select(field => (string)field!)
        .Select(name => $"{name} {Recorded(record, name)?.ToJsonString() ?? "absent"}"));
}
