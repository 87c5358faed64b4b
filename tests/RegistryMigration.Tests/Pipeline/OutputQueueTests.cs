using RegistryMigration.Pipeline;
using RegistryMigration.Tests.Support;

namespace RegistryMigration.Tests.Pipeline;

public sealed class OutputQueueTests
{
    private readonly ManualTime _time = new();
    private readonly RecordingPipeline _pipeline = new();

    [Fact]
    public async Task A_writer_waits_while_the_queue_is_full()
    {
        var token = TestContext.Current.CancellationToken;
        var queue = new OutputQueue(_time, capacity: 2);
        await queue.WriteAsync(1, token);
        await queue.WriteAsync(2, token);
        var third = queue.WriteAsync(3, token).AsTask();
        Assert.False(third.IsCompleted);

        Assert.True(queue.TryTake(out _));
        await third;
    }

    [Fact]
    public async Task A_waiting_writer_can_be_cancelled()
    {
        using var stop = new CancellationTokenSource();
        var queue = new OutputQueue(_time, capacity: 1);
        await queue.WriteAsync(1, stop.Token);
        var second = queue.WriteAsync(2, stop.Token).AsTask();
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
    }

    [Fact]
    public void Warnings_never_wait()
    {
        var queue = new OutputQueue(_time, capacity: 1);
        for (var i = 0; i < 10; i++)
            queue.Warn("w");
        queue.Complete();
        Drain(queue);

        Assert.Equal(10, _pipeline.Warnings.Count);
    }

    [Fact]
    public void Progress_comes_five_times_a_second_at_most()
    {
        var queue = new OutputQueue(_time);
        for (var i = 0; i < 100; i++)
        {
            queue.Report([new ProgressNotice(0, "a", $"{i}")]);
            Assert.Equal(i % 20 == 0, queue.TryTake(TimeSpan.Zero, out var deliver));
            deliver?.Invoke(_pipeline);
            _time.Advance(TimeSpan.FromMilliseconds(10));
        }

        Assert.Equal(["0", "20", "40", "60", "80"], _pipeline.Progress.Select(notice => notice.Status));
    }

    [Fact]
    public void Of_progress_that_nobody_took_only_the_newest_is_kept()
    {
        var queue = new OutputQueue(_time);
        for (var i = 0; i < 3; i++)
        {
            queue.Report([new ProgressNotice(0, "a", $"{i}")]);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        queue.Complete();
        Drain(queue);

        Assert.Equal("2", Assert.Single(_pipeline.Progress).Status);
    }

    [Fact]
    public void A_reader_with_little_patience_goes_on()
    {
        Assert.False(new OutputQueue(_time).TryTake(TimeSpan.FromMilliseconds(10), out _));
    }

    private void Drain(OutputQueue queue)
    {
        while (queue.TryTake(out var deliver))
            deliver(_pipeline);
    }
}
