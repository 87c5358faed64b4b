using RegistryMigration.Model;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace RegistryMigration.Engine.Stores.Swift.Configuration;

/// <summary>Reads a cloud of clouds.yaml with secure.yaml merged over it, by the rules of openstacksdk.</summary>
/// <remarks>https://docs.openstack.org/openstacksdk/latest/user/config/configuration.html. Vendor profiles are not read.</remarks>
internal static class CloudsFile
{
    private static readonly string[] Extensions = ["yaml", "yml", "json"];

    /// <summary>The settings of the cloud that the options or <c>OS_CLOUD</c> name, or of the only one in the file; null where there is no such file and nobody named a cloud.</summary>
    /// <exception cref="StoreException">The file or the cloud named is missing, or the file is no YAML.</exception>
    public static SettingValues? Read(SwiftOptions options)
    {
        var name = options.Cloud ?? options.Environment.GetValueOrDefault("OS_CLOUD");
        var path = FindClouds(options);
        if (path is null)
        {
            return name is null
                ? null
                : throw Bad($"The cloud '{name}' is asked for, and no clouds.yaml was found in {string.Join(", ", Folders(options))}. Name the file with -CloudsFile or OS_CLIENT_CONFIG_FILE.");
        }

        var clouds = Clouds(path);
        if (name is null && clouds.Children.Count != 1)
            return null;
        name ??= ((YamlScalarNode)clouds.Children[0].Key).Value!;
        if (Child(clouds, name) is not { } cloud)
            throw Bad($"{path} has no cloud '{name}'. It has: {string.Join(", ", clouds.Children.Keys)}.");

        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        Flatten(cloud, values);
        if (FindSecure(options, path) is { } secure && Child(Clouds(secure), name) is { } secrets)
            Flatten(secrets, values);
        return new SettingValues($"cloud '{name}' of {path}", values);
    }

    private static string? FindClouds(SwiftOptions options)
    {
        if (options.CloudsFile is { } given)
            return File.Exists(given) ? given : throw Bad($"There is no file '{given}'. Check -CloudsFile.");
        if (options.Environment.GetValueOrDefault("OS_CLIENT_CONFIG_FILE") is { Length: > 0 } named && File.Exists(named))
            return named;
        return Search(Folders(options), "clouds");
    }

    private static string? FindSecure(SwiftOptions options, string clouds)
    {
        if (options.Environment.GetValueOrDefault("OS_CLIENT_SECURE_FILE") is { Length: > 0 } named && File.Exists(named))
            return named;
        var beside = Path.GetDirectoryName(Path.GetFullPath(clouds))!;
        return Search(options.CloudsFile is null ? [beside, .. Folders(options)] : [beside], "secure");
    }

    private static string? Search(IEnumerable<string> folders, string name) =>
        folders.SelectMany(folder => Extensions.Select(extension => Path.Combine(folder, $"{name}.{extension}"))).FirstOrDefault(File.Exists);

    private static List<string> Folders(SwiftOptions options)
    {
        var folders = new List<string> { Directory.GetCurrentDirectory() };
        if (options.Environment.GetValueOrDefault("XDG_CONFIG_HOME") is { Length: > 0 } config)
            folders.Add(Path.Combine(config, "openstack"));
        var home = options.Environment.GetValueOrDefault("HOME") ?? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        folders.Add(Path.Combine(home, ".config", "openstack"));
        folders.Add("/etc/openstack");
        return folders;
    }

    private static YamlMappingNode Clouds(string path)
    {
        try
        {
            using var reader = File.OpenText(path);
            var yaml = new YamlStream();
            yaml.Load(reader);
            return yaml.Documents is [{ RootNode: YamlMappingNode root }, ..] && Child(root, "clouds") is { } clouds ? clouds : new YamlMappingNode();
        }
        catch (Exception e) when (e is YamlException or IOException or UnauthorizedAccessException)
        {
            // A YAML error quotes no content but its place; the file may hold passwords.
            throw Bad($"{path} can't be read: {(e is YamlException yaml ? $"it is no valid YAML near line {yaml.Start.Line}" : e.Message)}.");
        }
    }

    private static YamlMappingNode? Child(YamlMappingNode node, string name) =>
        node.Children.TryGetValue(new YamlScalarNode(name), out var child) ? child as YamlMappingNode : null;

    // "auth" is one level of its own in the file; its names do not clash with the ones above. openstacksdk takes - for _ in names.
    private static void Flatten(YamlMappingNode node, Dictionary<string, string> values)
    {
        foreach (var (key, value) in node.Children)
        {
            if (key is YamlScalarNode { Value: { } name } && value is YamlScalarNode { Value: { } text })
                values[name.Replace('-', '_').ToLowerInvariant()] = text;
        }

        if (Child(node, "auth") is { } auth)
            Flatten(auth, values);
    }

    private static StoreException Bad(string message) => new(StoreErrorKind.Other, message);
}
