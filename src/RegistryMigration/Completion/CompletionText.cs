using System.Management.Automation;
using System.Management.Automation.Language;

namespace RegistryMigration.Completion;

/// <summary>Turns names into what Tab inserts.</summary>
internal static class CompletionText
{
    // Characters that end a bare argument or mean something in it.
    private static readonly System.Buffers.SearchValues<char> Special = System.Buffers.SearchValues.Create(" \t\n'\"`$(){}[];,|&<>@#*?");

    /// <summary>The names that begin with what was typed, quoted where PowerShell needs it.</summary>
    public static IEnumerable<CompletionResult> Matching(IEnumerable<string> names, string? typed)
    {
        var word = (typed ?? "").Trim('\'', '"');
        return names.Where(name => name.StartsWith(word, StringComparison.OrdinalIgnoreCase))
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal)
            .Select(name => new CompletionResult(Quote(name), name, CompletionResultType.ParameterValue, name));
    }

    internal static string Quote(string name) =>
        name.Length > 0 && !name.AsSpan().ContainsAny(Special) && name[0] != '-' ? name : $"'{CodeGeneration.EscapeSingleQuotedStringContent(name)}'";
}
