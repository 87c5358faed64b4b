using System.Globalization;
using RegistryMigration.Engine.Sync;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Scale;

/// <summary>Measures the memory of the whole process, so nothing runs beside it.</summary>
[CollectionDefinition(nameof(HugeListingTests), DisableParallelization = true)]
[Collection(nameof(HugeListingTests))]
public sealed class HugeListingTests(ITestOutputHelper output)
{
    private const long MiB = 1 << 20;

    [Fact]
    public async Task Ten_million_keys_are_compared_in_flat_memory()
    {
        var small = await MeasureAsync(1_000_000);
        var large = await MeasureAsync(10_000_000);
        Assert.InRange(large.Live, 0, 200 * MiB);
        // What is under way at one moment takes 20 to 30 MiB. Eight bytes kept of each of nine million keys more would be 69.
        Assert.InRange(large.Live - small.Live, long.MinValue, 60 * MiB);
        // A key among ten million costs what one among a million does.
        Assert.InRange(large.AllocatedPerKey, 0, 1.1 * small.AllocatedPerKey);
    }

    [Fact]
    public async Task A_registry_that_is_pushed_to_has_a_bound_as_well() =>
        Assert.InRange((await MeasureAsync(4_000_000, young: true)).Live, 0, 100 * MiB);

    private async Task<(long Live, double AllocatedPerKey)> MeasureAsync(long keys, bool young = false)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var peak = 0L;
        await using var source = new SyntheticStore(keys)
        {
            WrittenAt = young ? null : new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero),
            OnListed = _ => peak = Math.Max(peak, GC.GetTotalMemory(forceFullCollection: true) - before),
        };
        await using var target = new SyntheticStore(keys);
        var allocated = GC.GetTotalAllocatedBytes();
        var processor = Environment.CpuUsage.TotalTime;
        var result = await new SyncPass(source.Open(), target.Open(), new SyncOptions(), TimeProvider.System).RunAsync(TestContext.Current.CancellationToken);
        Assert.True(result.Status == SyncStatus.Completed, result.ToJson());
        Assert.Equal((keys, keys, 0L), (result.Listed, result.Unchanged, result.Copied));
        var perKey = (double)(GC.GetTotalAllocatedBytes() - allocated) / keys;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{keys:N0} keys on both sides: {keys / result.Duration.TotalSeconds:N0} keys/s, {keys / (Environment.CpuUsage.TotalTime - processor).TotalSeconds:N0} per second of processor time, {peak / MiB} MiB live at most, {perKey:N0} bytes allocated per key, working set {Environment.WorkingSet / MiB} MiB"));
        return (peak, perKey);
    }
}
