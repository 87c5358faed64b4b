using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace RegistryMigration.Completion;

/// <summary>Offers the profiles of the AWS config and credentials files.</summary>
/// <remarks>Sections are [name] in credentials, [profile name] and [default] in config: https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html.</remarks>
public sealed class ProfileCompleter : IArgumentCompleter
{
    /// <inheritdoc />
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        CompletionText.Matching(Names(Environment.GetEnvironmentVariable, Environment.GetFolderPath(Environment.SpecialFolder.UserProfile)), wordToComplete);

    internal static IEnumerable<string> Names(Func<string, string?> variable, string home)
    {
        var config = LocalFile.Lines(variable("AWS_CONFIG_FILE") ?? Path.Combine(home, ".aws", "config"));
        var credentials = LocalFile.Lines(variable("AWS_SHARED_CREDENTIALS_FILE") ?? Path.Combine(home, ".aws", "credentials"));
        return config.Select(line => ProfileOf(line, inConfig: true)).Concat(credentials.Select(line => ProfileOf(line, inConfig: false))).OfType<string>();
    }

    private static string? ProfileOf(string line, bool inConfig)
    {
        var text = line.Trim();
        if (!text.StartsWith('[') || text.IndexOf(']', StringComparison.Ordinal) is not (> 1 and var end))
            return null;
        var name = text[1..end].Trim();
        if (!inConfig || name == "default")
            return name;
        // Other sections of config ([sso-session x], [services x]) are no profiles.
        return name.StartsWith("profile ", StringComparison.Ordinal) ? name[8..].Trim() : null;
    }
}
