using System.Text;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Journal;

/// <summary>A journal as its copy holds it.</summary>
/// <param name="Records">The records, possibly folded: of a step only the last one, of a pass no samples.</param>
/// <param name="Chain">The ids of all records, folded ones included.</param>
public sealed record JournalSnapshot(IReadOnlyList<JournalRecord> Records, JournalChain Chain)
{
    /// <summary>The records as text, a line each.</summary>
    public string ToLines() => string.Concat(Records.Select(record => record.ToLine() + "\n"));

    /// <summary>The migration as these records have it.</summary>
    /// <param name="now">The time, for the prediction of the window.</param>
    public RegistryMigrationInfo ToInfo(DateTimeOffset now) => JournalState.Of(Records).ToInfo(now, null);

    /// <summary>Reads what <see cref="ToLines"/> and the chain's ToString wrote.</summary>
    /// <param name="lines">The records.</param>
    /// <param name="chain">The chain.</param>
    /// <param name="place">Where they were, for errors.</param>
    /// <exception cref="JournalException">They were damaged, or written by a newer version.</exception>
    public static JournalSnapshot Read(string lines, string chain, string place)
    {
        var text = JournalText.Read(Encoding.UTF8.GetBytes(lines), place);
        JournalChain ids;
        try
        {
            ids = JournalChain.Parse(chain);
        }
        catch (FormatException e)
        {
            throw Damaged(place, e);
        }

        if (text.Records.Count == 0 || text.Torn.Length > 0 || ids.Head != text.Records[^1].Sequence || ids[ids.Head] != text.Records[^1].Id)
            throw Damaged(place, null);
        return new JournalSnapshot(text.Records, ids);
    }

    private static JournalException Damaged(string place, Exception? cause) =>
        new($"{place} was edited or damaged. Save it (kubectl get configmap -o yaml), delete it, and open the migration again on the machine that has its journal: it is written anew from there.", cause);
}
