using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Quay;

/// <summary>What the version of a Quay tells.</summary>
internal static class QuayVersion
{
    /// <summary>The first that knows <c>DISABLE_PUSHES</c>; an older one ignores it and goes on taking pushes.</summary>
    public static readonly Version First = new(3, 13);

    /// <summary>Whether a Quay knows <c>DISABLE_PUSHES</c>; null where nothing says which version runs.</summary>
    public static bool? KnowsDisablePushes(QuayRegistry quay)
    {
        var digits = quay.Version?.SkipWhile(character => !char.IsAsciiDigit(character)).TakeWhile(character => char.IsAsciiDigit(character) || character == '.').ToArray();
        return Version.TryParse(digits, out var version) ? version >= First : null;
    }
}
