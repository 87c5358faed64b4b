using System.Text.Json.Nodes;
using YamlDotNet.RepresentationModel;

namespace RegistryMigration.Clusters.Tests.Support;

/// <summary>The manifests in docs/rbac, as administrators apply them.</summary>
internal static class RbacManifests
{
    /// <summary>The objects of a file.</summary>
    public static List<JsonObject> Read(string file)
    {
        using var reader = File.OpenText(Path.Combine(AppContext.BaseDirectory, "rbac", file));
        var yaml = new YamlStream();
        yaml.Load(reader);
        return [.. yaml.Documents.Select(document => (JsonObject)Node(document.RootNode))];
    }

    private static JsonNode Node(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Children.Select(child => KeyValuePair.Create(child.Key.ToString(), (JsonNode?)Node(child.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(Node)]),
        _ => JsonValue.Create(node.ToString())!,
    };
}
