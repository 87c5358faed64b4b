using System.Text;

namespace RegistryMigration.Benchmarks.Running;

/// <summary>A program with its arguments and the variables that it needs besides the plain ones.</summary>
/// <param name="File">The program, by path or by name.</param>
/// <param name="Arguments">Its arguments.</param>
internal sealed record CommandLine(string File, params IReadOnlyList<string> Arguments)
{
    /// <summary>Variables of its own.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>As a shell would take it, without secrets.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var (name, value) in Environment.OrderBy(variable => variable.Key, StringComparer.Ordinal))
            text.Append(name).Append('=').Append(IsSecret(name) ? "***" : Quote(value)).Append(' ');
        return text.Append(Quote(File)).Append(string.Concat(Arguments.Select(argument => " " + Quote(argument)))).ToString();
    }

    private static bool IsSecret(string name) => name.Contains("SECRET", StringComparison.Ordinal) || name.EndsWith("_KEY", StringComparison.Ordinal) || name.EndsWith("PASSWORD", StringComparison.Ordinal);

    private static string Quote(string text) =>
        text.Length > 0 && text.All(character => char.IsAsciiLetterOrDigit(character) || "-_./:=,@%+~".Contains(character, StringComparison.Ordinal))
            ? text
            : $"'{text.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
