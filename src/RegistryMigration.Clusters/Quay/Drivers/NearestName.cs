namespace RegistryMigration.Clusters.Quay.Drivers;

/// <summary>Finds the name that was probably meant.</summary>
internal static class NearestName
{
    /// <summary>A sentence: the nearest name, or all where none is near.</summary>
    public static string Hint(string name, IEnumerable<string> known)
    {
        var names = known.ToList();
        var nearest = names.MinBy(other => Distance(name, other))!;
        return Distance(name, nearest) <= Math.Max(2, name.Length / 3) ? $"Did you mean '{nearest}'?" : $"Known are {string.Join(", ", names.Order(StringComparer.Ordinal))}.";
    }

    // Levenshtein's, without regard to case.
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = char.ToUpperInvariant(a[i - 1]) == char.ToUpperInvariant(b[j - 1]) ? 0 : 1;
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + cost));
            }
        }

        return row[b.Length];
    }
}
