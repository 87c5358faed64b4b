using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace RegistryMigration.Completion;

/// <summary>Offers the clouds of clouds.yaml.</summary>
/// <remarks>A scan of lines, not a YAML parser: a wrong guess costs a suggestion, and pressing Tab must not load one.</remarks>
public sealed class CloudCompleter : IArgumentCompleter
{
    /// <inheritdoc />
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var given = fakeBoundParameters?["CloudsFile"] as string;
        var directory = Directory.GetCurrentDirectory();
        return CompletionText.Matching(
            Files(given, Environment.GetEnvironmentVariable, Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), directory).Select(LocalFile.Lines).FirstOrDefault(lines => lines.Count > 0) is { } found ? Names(found) : [],
            wordToComplete);
    }

    // The order of os-client-config: https://docs.openstack.org/openstacksdk/latest/user/config/configuration.html.
    private static IEnumerable<string> Files(string? given, Func<string, string?> variable, string home, string directory)
    {
        if (given is not null)
            return [given];
        var config = variable("XDG_CONFIG_HOME") ?? Path.Combine(home, ".config");
        return new[]
        {
            variable("OS_CLIENT_CONFIG_FILE"),
            Path.Combine(directory, "clouds.yaml"),
            Path.Combine(config, "openstack", "clouds.yaml"),
            "/etc/openstack/clouds.yaml",
        }.OfType<string>();
    }

    internal static IEnumerable<string> Names(IReadOnlyList<string> lines)
    {
        var inClouds = false;
        int? indent = null;
        foreach (var line in lines)
        {
            var text = line.TrimEnd();
            var start = text.Length - text.TrimStart().Length;
            if (text.Length == start || text[start] == '#')
                continue;
            if (start == 0)
            {
                inClouds = text == "clouds:";
                indent = null;
                continue;
            }

            if (inClouds && start == (indent ??= start) && text.EndsWith(':'))
                yield return text[start..^1].Trim('"', '\'');
        }
    }
}
