using RegistryMigration.Model;

namespace RegistryMigration.Engine.Journal;

/// <summary>Keeps the shape of a pass's throughput in few numbers.</summary>
public static class ThroughputSamples
{
    /// <summary>The most samples that a journal keeps of a pass.</summary>
    public const int Most = 120;

    /// <summary>Averages neighbours until there are few enough.</summary>
    public static IReadOnlyList<ThroughputSample> Thin(IReadOnlyList<ThroughputSample> samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        var group = (samples.Count + Most - 1) / Most;
        return group <= 1 ? samples : samples.Chunk(group).Select(chunk => new ThroughputSample(Math.Round(chunk.Average(sample => sample.Seconds), 1), Math.Round(chunk.Average(sample => sample.BytesPerSecond)))).ToArray();
    }
}
