using System.Globalization;
using RegistryMigration.Engine.Sync;
using RegistryMigration.Model;

namespace RegistryMigration.Benchmarks.Scale;

/// <summary>Plans one size in this process, which does nothing else, and proves that the plan is right.</summary>
internal static class ScaleProbe
{
    public static async Task<ScaleMeasure> RunAsync(long keys, bool listingOnly, CancellationToken cancellationToken)
    {
        var registry = new SyntheticRegistry(keys);
        await using var source = new SyntheticStore(registry, isTarget: false);
        await using var target = new SyntheticStore(registry, isTarget: true);
        var started = TimeProvider.System.GetTimestamp();
        if (listingOnly)
            Require("keys listed", await CountAsync(source, cancellationToken) + await CountAsync(target, cancellationToken), 2 * registry.Keys - registry.Missing);
        else
            await PlanAsync(registry, source, target, cancellationToken);
        return new ScaleMeasure(
            registry.Keys,
            Environment.CpuUsage.TotalTime.TotalSeconds,
            TimeProvider.System.GetElapsedTime(started).TotalSeconds,
            PeakMemory(),
            (double)GC.GetTotalAllocatedBytes() / registry.Keys,
            [.. Enumerable.Range(0, GC.MaxGeneration + 1).Select(GC.CollectionCount)]);
    }

    private static async Task PlanAsync(SyntheticRegistry registry, SyntheticStore source, SyntheticStore target, CancellationToken cancellationToken)
    {
        var comparison = new StoreComparison(source.Open(), target.Open(), new SyncOptions(), TimeProvider.System);
        var (copies, overwrites) = (0L, 0L);
        await foreach (var item in comparison.ItemsAsync(cancellationToken))
        {
            copies += item.Action == SyncAction.Copy ? 1 : 0;
            overwrites += item.Action == SyncAction.Overwrite ? 1 : 0;
        }

        Require("copies", copies, registry.Missing);
        Require("overwrites", overwrites, registry.Moved);
        Require("planned", comparison.Plan.Copies, registry.Missing + registry.Moved);
        Require("unchanged", comparison.Plan.Unchanged, registry.Keys - registry.Missing - registry.Moved);
        Require("only at the target", comparison.Plan.OnlyAtTarget, 0);
        Require("skipped", comparison.Plan.Skipped.Count, 0);
    }

    private static async Task<long> CountAsync(SyntheticStore store, CancellationToken cancellationToken)
    {
        var count = 0L;
        foreach (var prefix in (string[])["blobs/sha256/", "repositories/"])
        {
            await foreach (var page in store.ListAsync(prefix, rejected: null, cancellationToken))
                count += page.Length;
        }

        return count;
    }

    private static void Require(string what, long found, long expected)
    {
        if (found != expected)
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"{found} {what} instead of {expected}."));
    }

    // The kernel's high-water mark. .NET's own peak is that of a process's parent where it was not yet another program.
    private static long PeakMemory() => OperatingSystem.IsLinux()
        ? long.Parse(ProcessStatus.Read("VmHWM").Split(' ')[0], CultureInfo.InvariantCulture) << 10
        : System.Diagnostics.Process.GetCurrentProcess().PeakWorkingSet64;
}
