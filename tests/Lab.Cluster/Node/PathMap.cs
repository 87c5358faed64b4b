using System.Text.RegularExpressions;

namespace RegistryMigration.Lab.Cluster;

/// <summary>Paths of a container, and the directories of this machine that stand for them: a process has no mounts of its own.</summary>
internal sealed class PathMap
{
    private readonly List<(string Inside, string Outside)> _paths = [];

    /// <summary>Mount path, directory; the longest mount paths first.</summary>
    public IReadOnlyList<(string Inside, string Outside)> Paths => _paths;

    /// <summary>Lets a directory or file stand for a path.</summary>
    public void Add(string inside, string outside)
    {
        _paths.Add((inside.TrimEnd('/'), outside));
        _paths.Sort((a, b) => b.Inside.Length.CompareTo(a.Inside.Length));
    }

    /// <summary>A text with all paths of the container in it replaced.</summary>
    public string Replace(string text)
    {
        if (_paths.Count == 0 || text.Length == 0)
            return text;
        // A path begins where no other path goes on, and ends with its name: /data, not /data2 and not /old/data.
        var pattern = $@"(?<![\w./-])(?:file://)?(?<path>{string.Join('|', _paths.Select(path => Regex.Escape(path.Inside)))})(?![\w.-])";
        return Regex.Replace(text, pattern, match => match.Value.Replace(match.Groups["path"].Value, Outside(match.Groups["path"].Value), StringComparison.Ordinal), RegexOptions.CultureInvariant);
    }

    private string Outside(string inside) => _paths.First(path => path.Inside == inside).Outside;
}
