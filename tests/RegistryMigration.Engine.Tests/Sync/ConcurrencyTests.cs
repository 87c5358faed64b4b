using RegistryMigration.Engine.Sync;
using RegistryMigration.Engine.Sync.Transfer;
using RegistryMigration.Engine.Tests.Support;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Sync;

public sealed class ConcurrencyTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_doubles_until_a_step_costs_throughput_and_takes_that_step_back()
    {
        var (gate, tuner) = await StartAsync(max: 256);
        var limits = new List<int>();
        for (var second = 0; second < 8; second++)
        {
            // Up to 64 each transfer adds to the rate; more of them get in each other's way.
            await SecondAsync(gate, tuner, gate.Limit <= 64 ? gate.Limit : 40);
            limits.Add(gate.Limit);
        }

        Assert.Equal([32, 64, 128, 64, 64, 64, 64, 64], limits);
    }

    [Fact]
    public async Task A_smaller_step_is_tried_after_a_while()
    {
        var (gate, tuner) = await StartAsync(max: 256);
        var most = 0;
        for (var second = 0; second < 40; second++)
        {
            await SecondAsync(gate, tuner, gate.Limit <= 100 ? gate.Limit : 40);
            if (second > 5)
                most = Math.Max(most, gate.Limit);
        }

        Assert.InRange(most, 80, 125);
        Assert.InRange(gate.Limit, 64, 100);
    }

    [Fact]
    public async Task It_goes_no_higher_than_it_may()
    {
        var (gate, tuner) = await StartAsync(max: 48);
        for (var second = 0; second < 5; second++)
            await SecondAsync(gate, tuner, gate.Limit);
        Assert.Equal(48, gate.Limit);
    }

    [Fact]
    public async Task Free_places_say_that_more_would_not_help()
    {
        var (gate, tuner) = await StartAsync(max: 256);
        gate.Exit();
        for (var tick = 0; tick < 20; tick++)
            tuner.Tick(0.25);
        Assert.Equal(ConcurrencyTuner.Start, gate.Limit);
    }

    [Fact]
    public async Task Throttling_cuts_it_by_a_third_at_once_and_it_rests()
    {
        long throttled = 0;
        var (gate, tuner) = await StartAsync(max: 256, () => throttled);
        throttled = 3;
        tuner.Tick(0.25);
        Assert.Equal(10, gate.Limit);
        for (var second = 0; second < 5; second++)
            await SecondAsync(gate, tuner, 100);
        Assert.Equal(10, gate.Limit);
    }

    [Fact]
    public async Task It_tunes_by_the_clock_until_it_is_stopped()
    {
        var (gate, tuner) = await StartAsync(max: 20, time: new FastTime());
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var running = tuner.RunAsync(stop.Token);
        while (gate.Limit < 20)
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Token);
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task No_more_transfers_run_at_a_time_than_asked_for()
    {
        var source = new TestRegistry(new MemoryStore { Name = "source" });
        for (var i = 0; i < 50; i++)
            source.Image("app", $"v{i}", $"layer {i}");
        var running = 0;
        var most = 0;
        var target = new MemoryStore
        {
            Name = "target",
            OnWrite = async _ =>
            {
                var now = Interlocked.Increment(ref running);
                InterlockedMax(ref most, now);
                await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Token);
                Interlocked.Decrement(ref running);
            },
        };
        var result = await new SyncPass(source.Store.Open(), target.Open(), new SyncOptions { Concurrency = 3 }, TimeProvider.System).RunAsync(Token);
        Assert.Equal(SyncStatus.Completed, result.Status);
        Assert.Equal(3, most);
    }

    [Fact]
    public async Task A_write_that_only_waits_for_the_disk_leaves_its_place_to_the_next()
    {
        var gate = new TransferGate(1);
        var release = new TaskCompletionSource();
        var waiting = 0;
        var batch = new TransferBatch();
        await using (var pool = new TransferPool(8, gate, WaitAsync, Token))
        {
            for (var i = 0; i < 8; i++)
                await pool.AddAsync(new CopyItem(default, new StoreEntry($"{i}", 1), default, MustLook: false), batch, Token);
            while (Volatile.Read(ref waiting) < 8)
                await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Token);
            Assert.False(gate.IsFull);
            release.SetResult();
            await batch.CompleteAsync(Token);
        }

        Assert.False(batch.HasFailed);
        await gate.EnterAsync(Token);
        Assert.True(gate.IsFull, "Every place was given back once.");

        async Task<bool> WaitAsync(CopyItem item, CancellationToken cancellationToken)
        {
            item.Taken!();
            item.Taken!();
            Interlocked.Increment(ref waiting);
            await release.Task.WaitAsync(cancellationToken);
            return true;
        }
    }

    [Fact]
    public async Task Bandwidth_is_limited()
    {
        var source = new TestRegistry(new MemoryStore { Name = "source" });
        source.Blob(new byte[400_000]);
        source.Blob(new byte[400_001]);
        var started = TimeProvider.System.GetTimestamp();
        await new SyncPass(source.Store.Open(), new MemoryStore().Open(), new SyncOptions { BytesPerSecond = 800_000 }, TimeProvider.System).RunAsync(Token);
        Assert.InRange(TimeProvider.System.GetElapsedTime(started).TotalSeconds, 0.9, 60);
    }

    private static async Task<(TransferGate Gate, ConcurrencyTuner Tuner)> StartAsync(int max, Func<long>? throttled = null, TimeProvider? time = null)
    {
        var gate = new TransferGate(ConcurrencyTuner.Start);
        for (var i = 0; i < ConcurrencyTuner.Start; i++)
            await gate.EnterAsync(Token);
        return (gate, new ConcurrencyTuner(gate, max, throttled ?? (() => 0), time ?? TimeProvider.System));
    }

    // A second in which all places are taken, and so many MiB move.
    private static async Task SecondAsync(TransferGate gate, ConcurrencyTuner tuner, int mebibytes)
    {
        while (!gate.IsFull)
            await gate.EnterAsync(Token);
        for (var tick = 0; tick < 4; tick++)
        {
            tuner.OnBytes(mebibytes << 18);
            tuner.Tick(0.25);
        }
    }

    private static void InterlockedMax(ref int most, int now)
    {
        int seen;
        while (now > (seen = Volatile.Read(ref most)) && Interlocked.CompareExchange(ref most, now, seen) != seen)
        {
        }
    }
}
