using RegistryMigration.Model;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace RegistryMigration.Clusters.Kubernetes.Configuration;

/// <summary>What one kubeconfig says, or several that are merged: the first that has an entry wins, whole entries at a time.</summary>
/// <remarks>https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/#merging-kubeconfig-files.</remarks>
internal sealed class KubeConfig
{
    private readonly Dictionary<string, ConfigEntry> _contexts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ConfigEntry> _clusters = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ConfigEntry> _users = new(StringComparer.Ordinal);
    private readonly List<string> _files = [];

    /// <summary>The files that were there.</summary>
    public IReadOnlyList<string> Files => _files;

    /// <summary>The context to use unless another is asked for.</summary>
    public string? CurrentContext { get; private set; }

    /// <summary>The names of all contexts, in order.</summary>
    public IEnumerable<string> Contexts => _contexts.Keys.Order(StringComparer.Ordinal);

    /// <summary>The context, its cluster and its user.</summary>
    /// <exception cref="ClusterException">There is no such context, or it names a cluster or user that is not there.</exception>
    public (string Name, ConfigEntry Context, ConfigEntry Cluster, ConfigEntry? User) Find(string? asked)
    {
        var name = asked ?? CurrentContext
            ?? throw ConfigEntry.Wrong($"{Named} has no current context. Name one with -Context: {Known(Contexts)}.");
        var context = _contexts.GetValueOrDefault(name)
            ?? throw ConfigEntry.Wrong($"{Named} has no context '{name}'. It has: {Known(Contexts)}.");
        var clusterName = context.Text("cluster") ?? throw ConfigEntry.Wrong($"The context '{name}' in {context.File} names no cluster.");
        var cluster = _clusters.GetValueOrDefault(clusterName)
            ?? throw ConfigEntry.Wrong($"The context '{name}' in {context.File} names the cluster '{clusterName}', which {Named} does not have. It has: {Known(_clusters.Keys)}.");
        if (context.Text("user") is not { } userName)
            return (name, context, cluster, null);
        var user = _users.GetValueOrDefault(userName)
            ?? throw ConfigEntry.Wrong($"The context '{name}' in {context.File} names the user '{userName}', which {Named} does not have. It has: {Known(_users.Keys)}.");
        return (name, context, cluster, user);
    }

    /// <summary>Reads files into one; those that are missing are left out where they need not be there.</summary>
    /// <exception cref="ClusterException">A file is missing that must be there, can't be read, or is no kubeconfig.</exception>
    public static KubeConfig Read(IReadOnlyList<string> paths, bool required)
    {
        var config = new KubeConfig();
        foreach (var path in paths.Select(Path.GetFullPath).Distinct(StringComparer.Ordinal))
        {
            if (!required && !File.Exists(path))
                continue;
            if (Load(path) is { } root)
                config.Add(new ConfigEntry(root, path));
            config._files.Add(path);
        }

        return config;
    }

    private string Named => _files.Count switch
    {
        0 => "The kubeconfig",
        1 => _files[0],
        _ => $"The merged kubeconfig ({string.Join(", ", _files)})",
    };

    private void Add(ConfigEntry root)
    {
        CurrentContext ??= root.Text("current-context");
        Add(root, "contexts", "context", _contexts);
        Add(root, "clusters", "cluster", _clusters);
        Add(root, "users", "user", _users);
    }

    private static void Add(ConfigEntry root, string list, string item, Dictionary<string, ConfigEntry> entries)
    {
        foreach (var named in root.Sections(list))
        {
            if (named.Text("name") is { } name)
                entries.TryAdd(name, named.Section(item) ?? named with { Node = [] });
        }
    }

    private static YamlMappingNode? Load(string path)
    {
        try
        {
            using var reader = File.OpenText(path);
            var yaml = new YamlStream();
            yaml.Load(reader);
            return yaml.Documents switch
            {
                [] => null,
                [{ RootNode: YamlMappingNode root }, ..] => root,
                [{ RootNode: YamlScalarNode { Value: null or "" } }, ..] => null,
                _ => throw ConfigEntry.Wrong($"{path} is no kubeconfig: its content is not a mapping. Check KUBECONFIG and -KubeConfig."),
            };
        }
        catch (YamlException e)
        {
            // The error may quote content; only its place is told, since the file holds credentials.
            throw ConfigEntry.Wrong(FormattableString.Invariant($"{path} can't be read: it is no valid YAML near line {e.Start.Line}. Check KUBECONFIG and -KubeConfig."));
        }
        catch (InvalidOperationException)
        {
            // YamlDotNet's scanner throws it for brackets that close nothing, without a place.
            throw ConfigEntry.Wrong($"{path} can't be read: it is no valid YAML. Check KUBECONFIG and -KubeConfig.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ConfigEntry.Wrong($"{path} can't be read: {e.Message} Check KUBECONFIG and -KubeConfig.");
        }
    }

    private static string Known(IEnumerable<string> names) => string.Join(", ", names.Order(StringComparer.Ordinal)) is { Length: > 0 } known ? known : "none";
}
