using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;

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

    /// <summary>Whether every recorded field is as it was.</summary>
    public static bool Match(JsonObject record, Resource current) => !Restoring(record, current).Any();

    /// <summary>The operations that bring the recorded fields back; none where they are as they were.</summary>
    public static IEnumerable<JsonObject> Restoring(JsonObject record, Resource current) =>
        (record["fields"] as JsonArray ?? []).Select(field => (string)field!).Select(name => Change(current, name, Recorded(record, name))).OfType<JsonObject>();

    /// <summary>The operation that makes a field what is wanted (null is absent); null where it is that already.</summary>
    public static JsonObject? Change(Resource current, string name, JsonNode? wanted)
    {
        var there = current.At("spec", name);
        if (JsonNode.DeepEquals(there, wanted))
            return null;
        // RFC 6902's replace fails where the field is absent; add does not.
        return wanted is null ? new JsonObject { ["op"] = "remove", ["path"] = $"/spec/{name}" } : Patch.Operation("add", $"/spec/{name}", wanted.DeepClone());
    }
}
