using System.Diagnostics;
using System.Globalization;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Engine.Sync;
using RegistryMigration.Engine.Tests.Lab;
using RegistryMigration.Engine.Tests.Scenarios;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Scale;

/// <summary>Many small objects of a Quay between two accounts of a real server. Measures memory and speed, so nothing runs beside it.</summary>
/// <remarks><c>REGISTRYMIGRATION_BULK</c> says how many objects; 100,000 take minutes on a machine whose two cores serve both storages as well.</remarks>
[CollectionDefinition(nameof(QuayBulkTests), DisableParallelization = true)]
[Collection(nameof(QuayBulkTests))]
public sealed class QuayBulkTests(LabFixture lab, ITestOutputHelper output)
{
    private const string Root = "datastorage/registry/";
    private const long MiB = 1 << 20;
    private const int Default = 10_000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static int Objects => int.TryParse(Environment.GetEnvironmentVariable("REGISTRYMIGRATION_BULK"), NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? given : Default;

    [Fact]
    public async Task Small_objects_are_all_copied_once_although_the_run_is_interrupted()
    {
        // In memory: the server's disk is not what is measured.
        await using var own = await lab.StartOwnLabAsync(new Dictionary<string, string> { ["CEPH_STORE"] = "memstore" }, "ceph");
        await using var directory = new QuayDirectory();
        await using var source = await QuayBucket.CreateAsync(own.Ceph);
        await using var target = await QuayBucket.CreateAsync(own.Ceph, own.Ceph.Second);
        var bytes = await FillAsync(directory);

        var seeded = await MeasureAsync("directory to S3", directory, source);
        Assert.True(seeded.Status == SyncStatus.Completed && seeded.Copied == Objects, seeded.ToJson());
        await AssertHasAllAsync(source);

        using var half = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var first = await MeasureAsync("S3 to S3, interrupted", source, target, new Interruption(half), half.Token);
        Assert.True(first.Status == SyncStatus.Interrupted && first.Copied < Objects, first.ToJson());
        // A request that is cut may have been served all the same.
        var there = (await target.ObjectsAsync()).Count;
        Assert.InRange(there, Math.Max(1, first.Copied), Objects - 1);

        var rest = await MeasureAsync("S3 to S3, the rest", source, target);
        Assert.True(rest.Status == SyncStatus.Completed, rest.ToJson());
        Assert.Equal((Objects - there, there), (rest.Copied, rest.Unchanged));
        await AssertHasAllAsync(target);

        var again = await MeasureAsync("S3 to S3, again", source, target);
        Assert.True(again is { Status: SyncStatus.Completed, Copied: 0 } && again.Unchanged == Objects, again.ToJson());
        // Nothing but the listings was asked for.
        Assert.InRange(again.SourceTraffic.Requests + again.DestinationTraffic.Requests, 0, Objects / 200 + 200);

        async Task AssertHasAllAsync(QuayBucket bucket)
        {
            var objects = await bucket.ObjectsAsync();
            Assert.Equal((Objects, bytes), (objects.Count, objects.Sum(found => found.Size ?? 0)));
            await Parallel.ForEachAsync(objects.Where((_, at) => at % 97 == 0), Token, async (found, _) => Assert.Equal(found.Key, Root + QuayTree.Key(await bucket.GetAsync(found.Key))));
        }
    }

    // 100 to 300 bytes each, all different, below the names of their digests.
    private static async Task<long> FillAsync(QuayDirectory directory)
    {
        var bytes = 0L;
        for (var first = 0; first < 256; first++)
            Directory.CreateDirectory(Path.Combine(directory.Define().Address.Container, $"{Root}sha256/{first:x2}"));
        await Parallel.ForAsync(0, Objects, Token, async (number, token) =>
        {
            var content = new byte[100 + number % 201];
            new Random(number).NextBytes(content);
            BitConverter.TryWriteBytes(content, number);
            Interlocked.Add(ref bytes, content.Length);
            await File.WriteAllBytesAsync(Path.Combine(directory.Define().Address.Container, Root + QuayTree.Key(content)), content, token);
        });
        return bytes;
    }

    private async Task<SyncResult> MeasureAsync(string name, QuayPlace from, QuayPlace to, IProgress<SyncProgress>? progress = null, CancellationToken? cancellationToken = null)
    {
        await using var source = await StoreFactory.OpenAsync(from.Define(), new StoreContext(), null, Token);
        await using var target = await StoreFactory.OpenAsync(to.Define(), new StoreContext(), source, Token);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var processor = Environment.CpuUsage.TotalTime;
        var memory = new MemoryPeak(progress);
        var result = await new SyncPass(source, target, new SyncOptions(), TimeProvider.System) { Progress = memory }.RunAsync(cancellationToken ?? Token);
        var managed = Math.Max(memory.Managed, GC.GetTotalMemory(forceFullCollection: false)) - before;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{name}: {result.Copied:N0} of {Objects:N0} copied in {result.Duration.TotalSeconds:N1} s, {result.Copied / result.Duration.TotalSeconds:N0} objects/s, {(Environment.CpuUsage.TotalTime - processor).TotalSeconds:N1} s of processor time, {result.SourceTraffic.Requests + result.DestinationTraffic.Requests:N0} requests, {result.SourceTraffic.Retries + result.DestinationTraffic.Retries} retries, {managed / MiB} MiB managed at most, working set {Process.GetCurrentProcess().PeakWorkingSet64 / MiB} MiB at its peak"));
        Assert.InRange(managed, long.MinValue, 400 * MiB);
        return result;
    }

    private sealed class MemoryPeak(IProgress<SyncProgress>? next) : IProgress<SyncProgress>
    {
        public long Managed { get; private set; }

        public void Report(SyncProgress value)
        {
            Managed = Math.Max(Managed, GC.GetTotalMemory(forceFullCollection: false));
            next?.Report(value);
        }
    }

    private sealed class Interruption(CancellationTokenSource source) : IProgress<SyncProgress>
    {
        public void Report(SyncProgress value)
        {
            if (value.Copied > Objects / 3)
                source.Cancel();
        }
    }
}
