namespace RegistryMigration.Model;

/// <summary>The one order of keys: that of their UTF-8 bytes, as S3 and Swift list them.</summary>
/// <remarks>
/// <see cref="StringComparer.Ordinal"/> compares UTF-16 units, and puts surrogate pairs (U+10000 and above) before U+E000–U+FFFF where
/// UTF-8 puts them after. Everything else agrees, so only a difference at a surrogate needs care.
/// </remarks>
public sealed class KeyOrder : IComparer<string>
{
    /// <summary>The only instance.</summary>
    public static readonly KeyOrder Instance = new();

    private KeyOrder()
    {
    }

    int IComparer<string>.Compare(string? x, string? y) => Compare(x, y);

    /// <summary>Negative, zero or positive as <paramref name="x"/> sorts before, with or after <paramref name="y"/>.</summary>
    public static int Compare(ReadOnlySpan<char> x, ReadOnlySpan<char> y)
    {
        var at = x.CommonPrefixLength(y);
        if (at == x.Length || at == y.Length)
            return x.Length - y.Length;
        return Rank(x[at]) - Rank(y[at]);
    }

    // Lifts surrogates above the private use area and its neighbours, which is where their code points lie.
    private static int Rank(char c) => char.IsSurrogate(c) ? c + 0x10000 : c;
}
