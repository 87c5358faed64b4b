using System.Text;
using RegistryMigration.Clusters.Kubernetes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace RegistryMigration.Clusters.InCluster;

/// <summary>Reads from a clouds.yaml in a Secret where its Keystone is, so that pods are let through to it. Nothing else of it is looked at.</summary>
internal static class GivenClouds
{
    /// <summary>The address; null where the Secret does not tell it.</summary>
    /// <param name="secret">The Secret.</param>
    /// <param name="cloud">The cloud; null is the only one.</param>
    public static Uri? AuthUrl(Resource secret, string? cloud)
    {
        if (secret.Text("data", "clouds.yaml") is not { } encoded)
            return null;
        try
        {
            var yaml = new YamlStream();
            yaml.Load(new StringReader(Encoding.UTF8.GetString(Convert.FromBase64String(encoded))));
            if (yaml.Documents is not [{ RootNode: YamlMappingNode root }, ..] || Child(root, "clouds") is not { Children.Count: > 0 } clouds)
                return null;
            var entry = cloud is null ? clouds.Children[0].Value as YamlMappingNode : Child(clouds, cloud);
            return Uri.TryCreate(Text(Child(entry, "auth"), "auth_url"), UriKind.Absolute, out var address) ? address : null;
        }
        catch (Exception e) when (e is YamlException or FormatException)
        {
            // The worker reads the file as well, and says what is wrong with it.
            return null;
        }
    }

    private static YamlMappingNode? Child(YamlMappingNode? node, string name) => node is not null && node.Children.TryGetValue(new YamlScalarNode(name), out var child) ? child as YamlMappingNode : null;

    private static string? Text(YamlMappingNode? node, string name) => node is not null && node.Children.TryGetValue(new YamlScalarNode(name), out var child) ? (child as YamlScalarNode)?.Value : null;
}
