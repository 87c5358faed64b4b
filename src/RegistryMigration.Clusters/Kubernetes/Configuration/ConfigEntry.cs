using System.Text;
using RegistryMigration.Model;
using YamlDotNet.RepresentationModel;

namespace RegistryMigration.Clusters.Kubernetes.Configuration;

/// <summary>A mapping of a kubeconfig and the file it stands in: relative paths count from there, and messages name it.</summary>
internal sealed record ConfigEntry(YamlMappingNode Node, string File)
{
    /// <summary>A text; null where it is left out or empty, as kubectl takes it.</summary>
    public string? Text(string name) => YamlValues.Text(YamlValues.Child(Node, name));

    /// <summary>A truth value; false where it is left out.</summary>
    public bool Flag(string name) => Text(name) is { } text && bool.TryParse(text, out var flag) && flag;

    /// <summary>A path, counted from the file's directory; null where it is left out.</summary>
    public string? Path(string name) => Text(name) is { } path ? System.IO.Path.Combine(Directory, path) : null;

    /// <summary>A mapping inside; null where there is none.</summary>
    public ConfigEntry? Section(string name) => YamlValues.Child(Node, name) is YamlMappingNode inner ? this with { Node = inner } : null;

    /// <summary>The items of a list.</summary>
    public IEnumerable<YamlNode> Items(string name) => YamlValues.Child(Node, name) is YamlSequenceNode list ? list.Children : [];

    /// <summary>The mappings of a list.</summary>
    public IEnumerable<ConfigEntry> Sections(string name) => Items(name).OfType<YamlMappingNode>().Select(node => this with { Node = node });

    /// <summary>What <c>name-data</c> holds as base64, else the content of the file that <c>name</c> names: data wins, as with kubectl.</summary>
    /// <exception cref="ClusterException">The data is no base64, or the file can't be read.</exception>
    public string? Content(string name)
    {
        if (Text(name + "-data") is { } data)
        {
            try
            {
                return Encoding.UTF8.GetString(Convert.FromBase64String(data));
            }
            catch (FormatException)
            {
                // The exception may quote what may be a key.
                throw Wrong($"'{name}-data' in {File} is no base64.");
            }
        }

        if (Path(name) is not { } path)
            return null;
        try
        {
            return System.IO.File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Wrong($"{File} names '{path}' as {name}, which can't be read: {e.Message} Check the path and its permissions.");
        }
    }

    /// <summary>The directory that relative paths count from.</summary>
    public string Directory => System.IO.Path.GetDirectoryName(File)!;

    public static ClusterException Wrong(string message) => new(ClusterErrorKind.Configuration, message);
}
