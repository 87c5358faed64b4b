using System.Text.Json.Nodes;

namespace RegistryMigration.Clusters.Kubernetes.Changes;

/// <summary>Paths of names in a JSON object.</summary>
internal static class JsonPath
{
    /// <summary>The value at a path; null where there is none.</summary>
    public static JsonNode? At(JsonNode? root, IEnumerable<string> path)
    {
        foreach (var name in path)
            root = (root as JsonObject)?[name];
        return root;
    }

    /// <summary>A JSON pointer (RFC 6901).</summary>
    public static string Pointer(IEnumerable<string> path) =>
        string.Concat(path.Select(name => "/" + name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)));

    /// <summary>As one reads it: <c>spec.storage.s3</c>.</summary>
    public static string Text(IEnumerable<string> path) => string.Join('.', path);
}
