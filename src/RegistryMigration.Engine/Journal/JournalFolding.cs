using RegistryMigration.Model;

namespace RegistryMigration.Engine.Journal;

/// <summary>Makes a journal fit into its copy: whole while it does, else without what neither a resume nor an undo needs.</summary>
internal static class JournalFolding
{
    /// <summary>The records for a copy.</summary>
    /// <param name="records">All records.</param>
    /// <param name="chain">Their ids.</param>
    /// <param name="capacity">The most bytes.</param>
    /// <exception cref="JournalException">Not even the folded journal fits.</exception>
    public static JournalSnapshot Fit(IReadOnlyList<JournalRecord> records, JournalChain chain, int capacity)
    {
        // The copy keeps the chain once.
        List<JournalRecord> kept = [.. records.Select(record => record.Chain is null ? record : record with { Chain = null })];
        var room = capacity - chain.ToString().Length;
        if (Size(kept) > room)
            kept = Fold(kept);
        return Size(kept) <= room ? new JournalSnapshot(kept, chain) : throw new JournalException(
            FormattableString.Invariant($"The journal takes {Size(kept)} bytes also without finished history, and its copy in the cluster has room for {room}. End this migration (Complete-RegistryMigration or Undo-RegistryMigration) and make a new one for the rest."));
    }

    private static List<JournalRecord> Fold(List<JournalRecord> records)
    {
        var last = new Dictionary<string, JournalRecord>(StringComparer.Ordinal);
        foreach (var record in records.Where(record => record.Step is not null))
            last[record.Step!.Id] = record;
        // An undone step that was started anew is another one, but only its new values count.
        return
        [
            .. records.Where(record => record.Step is not { } step || last[step.Id] == record)
                .Select(record => record.Pass is { Samples.Count: > 0 } pass ? record with { Pass = pass with { Samples = [] } } : record),
        ];
    }

    private static int Size(IEnumerable<JournalRecord> records) => records.Sum(record => JournalText.Line(record).Length);
}
