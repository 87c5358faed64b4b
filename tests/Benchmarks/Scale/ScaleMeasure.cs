namespace RegistryMigration.Benchmarks.Scale;

/// <summary>What it took to plan a registry of one size, on one core.</summary>
/// <param name="Keys">Keys of the source; the target has 99 % of them.</param>
/// <param name="CpuSeconds">Processor time of the whole process, its start and the making of the listings included.</param>
/// <param name="WallSeconds">Time by the clock, of the planning alone.</param>
/// <param name="PeakMemory">The most memory the process ever had resident, in bytes.</param>
/// <param name="AllocatedPerKey">Bytes allocated per key of the source, those of the listings included.</param>
/// <param name="Collections">Garbage collections by generation.</param>
internal sealed record ScaleMeasure(long Keys, double CpuSeconds, double WallSeconds, long PeakMemory, double AllocatedPerKey, IReadOnlyList<int> Collections)
{
    /// <summary>Processor time of a process that only makes both listings and joins nothing; part of <see cref="CpuSeconds"/>, not taken off.</summary>
    public double ListingCpuSeconds { get; init; }

    public double KeysPerCpuSecond => Keys / CpuSeconds;

    public double CpuSecondsPerMillion => CpuSeconds * 1e6 / Keys;
}
