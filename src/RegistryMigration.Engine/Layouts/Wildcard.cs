using System.IO.Enumeration;

namespace RegistryMigration.Engine.Layouts;

/// <summary>Names matched by <c>*</c> and <c>?</c>, case-sensitively as repositories and tags are.</summary>
internal static class Wildcard
{
    /// <summary>Whether any pattern matches; no pattern matches everything.</summary>
    public static bool Matches(IReadOnlyList<string> patterns, string name) =>
        patterns.Count == 0 || patterns.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false));

    /// <summary>What every name that matches starts with.</summary>
    public static string LiteralPrefix(string pattern)
    {
        var wild = pattern.AsSpan().IndexOfAny('*', '?');
        return wild < 0 ? pattern : pattern[..wild];
    }
}
