using RegistryMigration.Engine.Journal;
using RegistryMigration.Model;

namespace RegistryMigration.Migrations;

/// <summary>Listens to a pass's progress and keeps its throughput over time; passes everything on.</summary>
internal sealed class ThroughputRecorder(IProgress<SyncProgress> next, TimeProvider time) : IProgress<SyncProgress>
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly long _began = time.GetTimestamp();
    private readonly object _gate = new();
    private List<ThroughputSample> _samples = [];
    private TimeSpan _due;

    /// <summary>What was measured so far.</summary>
    public IReadOnlyList<ThroughputSample> Samples
    {
        get
        {
            lock (_gate)
                return [.. _samples];
        }
    }

    public void Report(SyncProgress value)
    {
        lock (_gate)
        {
            var now = time.GetElapsedTime(_began);
            if (now >= _due)
            {
                _due = now + Interval;
                _samples.Add(new ThroughputSample(Math.Round(now.TotalSeconds, 1), Math.Round(value.BytesPerSecond)));
                // A pass may take days.
                if (_samples.Count >= 100 * ThroughputSamples.Most)
                    _samples = [.. ThroughputSamples.Thin(_samples)];
            }
        }

        next.Report(value);
    }
}
