using RegistryMigration.Engine.Layouts;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Audit;

/// <summary>Counts entries and their bytes by kind, from many threads.</summary>
internal sealed class KindTally
{
    private readonly long[] _counts = new long[Enum.GetValues<EntryKind>().Length];
    private readonly long[] _bytes = new long[Enum.GetValues<EntryKind>().Length];

    public void Add(StoreEntry entry, EntryInfo info)
    {
        Interlocked.Increment(ref _counts[(int)info.Kind]);
        Interlocked.Add(ref _bytes[(int)info.Kind], Math.Max(0, entry.Size));
    }

    /// <summary>The kinds that occur; an array, which PowerShell can index.</summary>
    public KindMeasure[] ToKinds() =>
        [.. Enum.GetValues<EntryKind>().Where(kind => _counts[(int)kind] > 0).Select(kind => new KindMeasure(kind, _counts[(int)kind], _bytes[(int)kind]))];
}
