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
        var first = new Dictionary<string, JournalRecord>(StringComparer.Ordinal);
        var last = new Dictionary<string, JournalRecord>(StringComparer.Ordinal);
        foreach (var record in records.Where(record => record.Step is not null))
        {
            var step = record.Step!;
            // An undone step that was started anew is another one.
            if (!last.TryGetValue(step.Id, out var known) || (known.Step!.State == MigrationStepState.Undone && step.State != MigrationStepState.Undone))
                first[step.Id] = record;
            last[step.Id] = record;
        }

        return
        [
            .. records.Where(record => record.Step is not { } step || last[step.Id] == record || first[step.Id] == record)
                .Select(record => record switch
                {
                    { Pass: { Samples.Count: > 0 } pass } => record with { Pass = pass with { Samples = [] } },
                    // Only its place counts: an undo goes through the steps in the order in which they were started.
                    { Step: { } step } when last[step.Id] != record => record with { Step = step with { Before = null, After = null, Error = null, Proof = null } },
                    _ => record,
                }),
        ];
    }

    private static int Size(IEnumerable<JournalRecord> records) => records.Sum(record => JournalText.Line(record).Length);
}
