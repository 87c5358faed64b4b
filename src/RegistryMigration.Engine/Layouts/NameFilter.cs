using System.IO.Enumeration;

namespace RegistryMigration.Engine.Layouts;

/// <summary>Names by wildcards: <c>*</c> is any text, slashes included, and <c>?</c> is any one character. No wildcards take everything.</summary>
internal sealed class NameFilter(IReadOnlyList<string> wildcards)
{
    /// <summary>Whether everything is taken.</summary>
    public bool IsAll => wildcards.Count == 0;

    /// <summary>Whether a name is taken.</summary>
    public bool Takes(string name)
    {
        if (IsAll)
            return true;
        foreach (var wildcard in wildcards)
        {
            if (FileSystemName.MatchesSimpleExpression(wildcard, name, ignoreCase: false))
                return true;
        }

        return false;
    }

    /// <summary>Whether a name that is taken may lie below a prefix (which ends in <c>/</c>), so that it is worth listing.</summary>
    public bool MayTakeBelow(string prefix)
    {
        if (IsAll)
            return true;
        foreach (var wildcard in wildcards)
        {
            var literal = wildcard.AsSpan();
            var end = literal.IndexOfAny('*', '?');
            if (end >= 0)
                literal = literal[..end];
            // The name above the prefix itself is among what a listing of the prefix shows.
            if (literal.StartsWith(prefix, StringComparison.Ordinal) || prefix.AsSpan().StartsWith(literal, StringComparison.Ordinal) && (end >= 0 || prefix.Length == literal.Length + 1))
                return true;
        }

        return false;
    }
}
