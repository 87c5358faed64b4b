namespace RegistryMigration.Clusters.Quay.Configuration;

/// <summary>A node of a YAML text, and where in the text it stands: from <paramref name="Start"/> to before <paramref name="End"/>.</summary>
internal abstract record PlacedNode(int Start, int End);

/// <summary>A scalar; only a plain one (without quotes or tag) can be anything but a text.</summary>
internal sealed record PlacedScalar(int Start, int End, string Text, bool IsPlain) : PlacedNode(Start, End);

/// <summary>A sequence.</summary>
internal sealed record PlacedSequence(int Start, int End, IReadOnlyList<PlacedNode> Items) : PlacedNode(Start, End);

/// <summary>A mapping: in lines, or in braces.</summary>
internal sealed record PlacedMapping(int Start, int End, IReadOnlyList<PlacedEntry> Entries, bool IsFlow) : PlacedNode(Start, End)
{
    /// <summary>The entry of a key; null where there is none.</summary>
    public PlacedEntry? Find(string key) => Entries.FirstOrDefault(entry => entry.Key.Text == key);
}

/// <summary>An alias, and what it stands for.</summary>
internal sealed record PlacedAlias(int Start, int End, PlacedNode Target) : PlacedNode(Start, End);

/// <summary>A key and its value.</summary>
internal sealed record PlacedEntry(PlacedScalar Key, PlacedNode Value)
{
    /// <summary>Whether it takes over another mapping's keys (YAML 1.1's merge, which PyYAML knows).</summary>
    public bool IsMerge => Key is { IsPlain: true, Text: "<<" };
}
