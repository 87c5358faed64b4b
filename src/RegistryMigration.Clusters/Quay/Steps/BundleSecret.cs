using System.Text;
using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Migrations;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Quay.Steps;

/// <summary>A config bundle as a Secret of its own. A bundle is never edited in place: the operator does not watch it, and what was there is the way back.</summary>
internal static class BundleSecret
{
    private const int HashDigits = 10;
    private const int NameLimit = 63;

    /// <summary>The data of a bundle with a changed configuration and other files; values as the API has them (base64).</summary>
    public static JsonObject Data(Resource bundle, QuayEdit edit)
    {
        var data = (JsonObject?)bundle.Section("data")?.DeepClone() ?? [];
        data[QuayTypes.ConfigKey] = Encode(edit.Config.Text);
        foreach (var (name, content) in edit.Files)
            data[name] = Encode(content);
        foreach (var name in edit.Without)
            data.Remove(name);
        return data;
    }

    /// <summary>The name of a bundle with this data: a part of it follows from the content, so that a step that is run again finds what it made.</summary>
    public static string NameOf(string registry, JsonObject data)
    {
        var content = string.Concat(data.OrderBy(file => file.Key, StringComparer.Ordinal).Select(file => $"{file.Key}={(string?)file.Value}\n"));
        var suffix = $"-config-bundle-{Digest.OfSha256(Encoding.UTF8.GetBytes(content)).Hex[..HashDigits]}";
        return registry[..Math.Min(registry.Length, NameLimit - suffix.Length)].TrimEnd('-', '.') + suffix;
    }

    /// <summary>The Secret to create.</summary>
    public static JsonObject Manifest(string name, string migration, JsonObject data)
    {
        var metadata = MigrationObjects.Metadata(migration, "config-bundle");
        metadata["name"] = name;
        return new JsonObject { ["metadata"] = metadata, ["type"] = "Opaque", ["data"] = data.DeepClone() };
    }

    private static string Encode(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
