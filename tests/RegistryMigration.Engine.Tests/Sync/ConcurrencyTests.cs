using RegistryMigration.Engine.Sync;
using RegistryMigration.Engine.Sync.Transfer;
using RegistryMigration.Engine.Tests.Support;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Sync;

public sealed class ConcurrencyTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_climbs_while_the_rate_rises_and_backs_off_when_throttled()
    {
        var gate = new TransferGate(4);
        for (var i = 0; i < 4; i++)
            await gate.EnterAsync(Token);
        long throttled = 0;
        var tuner = new ConcurrencyTuner(gate, 32, () => Interlocked.Read(ref throttled), new FastTime());
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var work = 1 << 20;
        var running = tuner.RunAsync(stop.Token);
        while (gate.Limit < 32)
        {
            // Takes the places that climbing has opened: with free ones it would not climb on.
            while (!gate.IsFull)
                await gate.EnterAsync(Token);
            tuner.OnBytes(work = Math.Min(int.MaxValue / 2, work * 2));
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Token);
        }

        Interlocked.Increment(ref throttled);
        while (gate.Limit >= 32)
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Token);
        Assert.InRange(gate.Limit, 1, 31);
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

    private static void InterlockedMax(ref int most, int now)
    {
        int seen;
        while (now > (seen = Volatile.Read(ref most)) && Interlocked.CompareExchange(ref most, now, seen) != seen)
        {
        }
    }
}
