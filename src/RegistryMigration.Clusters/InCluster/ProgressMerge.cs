using RegistryMigration.Model;

namespace RegistryMigration.Clusters.InCluster;

/// <summary>Adds up where the parts of one phase are.</summary>
internal sealed class ProgressMerge(IProgress<SyncProgress> whole)
{
    private readonly object _gate = new();
    private readonly Dictionary<int, SyncProgress> _parts = [];
    private string _phase = "";

    /// <summary>A part tells where it is.</summary>
    /// <param name="phase">The phase; parts of another one are forgotten.</param>
    /// <param name="index">The part.</param>
    /// <param name="progress">Where it is.</param>
    public void Report(string phase, int index, SyncProgress progress)
    {
        // Reported inside the lock: two parts would otherwise report in the wrong order, and a sum would go back.
        lock (_gate)
        {
            if (_phase != phase)
                _parts.Clear();
            _phase = phase;
            _parts[index] = progress;
            whole.Report(Sum());
        }
    }

    /// <summary>A part is done: what it copied stays in the sum, and its speed does not.</summary>
    public void Finish(string phase, int index)
    {
        lock (_gate)
        {
            if (_phase == phase && _parts.TryGetValue(index, out var last))
                _parts[index] = last with { BytesPerSecond = 0, Concurrency = 0, Remaining = TimeSpan.Zero };
        }
    }

    private SyncProgress Sum() => new()
    {
        Phase = string.Join(", ", _parts.Values.Select(part => part.Phase).Distinct(StringComparer.Ordinal)),
        Copied = _parts.Values.Sum(part => part.Copied),
        CopiedBytes = _parts.Values.Sum(part => part.CopiedBytes),
        Planned = _parts.Values.Sum(part => part.Planned),
        PlannedBytes = _parts.Values.Sum(part => part.PlannedBytes),
        Listed = _parts.Values.Sum(part => part.Listed),
        Unchanged = _parts.Values.Sum(part => part.Unchanged),
        Failed = _parts.Values.Sum(part => part.Failed),
        BytesPerSecond = _parts.Values.Sum(part => part.BytesPerSecond),
        Concurrency = _parts.Values.Sum(part => part.Concurrency),
        Remaining = _parts.Values.All(part => part.Remaining is not null) ? _parts.Values.Max(part => part.Remaining) : null,
    };
}
