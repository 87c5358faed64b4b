
namespace RegistryMigration.Engine.Layouts;

/// <summary>Repositories by wildcards: <c>*</c> is any text, slashes included, and <c>?</c> is any one character. No wildcards take everything.</summary>
internal sealed class NameFilter(IReadOnlyList<string> wildcards)
{
    /// <summary>Whether everything is taken.</summary>
    public bool IsAll => wildcards.Count == 0;

    /// <summary>Whether a name is taken.</summary>
    public bool Takes(string name) => Wildcard.Matches(wildcards, name);

    /// <summary>Whether the repository <c>a</c> of a prefix <c>a/</c>, or one nested in it, may be taken, so that the prefix is worth listing.</summary>
    public bool MayTakeBelow(string prefix) => IsAll || wildcards.Any(wildcard => Reaches(wildcard, prefix));

    private static bool Reaches(string wildcard, string prefix)
    {
        var literal = Wildcard.LiteralPrefix(wildcard);
        if (literal.StartsWith(prefix, StringComparison.Ordinal))
            return true;
        return literal.Length < wildcard.Length
            ? prefix.StartsWith(literal, StringComparison.Ordinal)
            : prefix.Length == literal.Length + 1 && prefix.StartsWith(literal, StringComparison.Ordinal);
    }
}
