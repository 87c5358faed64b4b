using RegistryMigration.Model;
using RegistryMigration.Pipeline;
using RegistryMigration.Tests.Support;

namespace RegistryMigration.Tests.Pipeline;

public sealed class CommandRunTests : IDisposable
{
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private readonly RecordingPipeline _pipeline = new();

    public void Dispose() => _stop.Dispose();

    private bool Run(Func<ICommandOutput, CancellationToken, Task> work, ICommandPipeline? pipeline = null) =>
        CommandRun.Execute(pipeline ?? _pipeline, work, "target", _stop, TimeProvider.System);

    [Fact]
    public void Objects_arrive_in_order_on_the_calling_thread()
    {
        var ended = Run(async (output, token) =>
        {
            for (var i = 0; i < 1000; i++)
                await output.WriteAsync(i, token);
        });

        Assert.True(ended);
        Assert.Equal(Enumerable.Range(0, 1000).Cast<object>(), _pipeline.Objects);
    }

    [Fact]
    public void A_pipeline_that_ends_cancels_the_work_and_waits_for_it()
    {
        var finished = false;
        var pipeline = new RecordingPipeline { OnObject = value => throw new InvalidOperationException("enough") };

        var thrown = Assert.Throws<InvalidOperationException>(() => Run(async (output, token) =>
        {
            try
            {
                while (true)
                    await output.WriteAsync("more", token);
            }
            finally
            {
                // What work does on its way out (aborting an upload) takes its time.
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, CancellationToken.None);
                finished = true;
            }
        }, pipeline));

        Assert.Equal("enough", thrown.Message);
        Assert.True(finished);
        Assert.True(_stop.IsCancellationRequested);
    }

    [Fact]
    public void A_stop_ends_the_work_without_an_error()
    {
        var ended = Run(async (_, token) =>
        {
            await _stop.CancelAsync();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
        });

        Assert.False(ended);
        Assert.Empty(_pipeline.Errors);
    }

    [Fact]
    public void A_failure_becomes_one_error_after_what_was_written_before()
    {
        var ended = Run(async (output, token) =>
        {
            await output.WriteAsync("before", token);
            throw new StoreException(StoreErrorKind.Denied, "No.") { Key = "a/b" };
        });

        Assert.False(ended);
        Assert.Equal(["object", "Denied"], _pipeline.Order);
        Assert.Equal("a/b", Assert.Single(_pipeline.Errors).Target);
    }

    [Fact]
    public void A_cancellation_that_nobody_asked_for_is_a_failure()
    {
        Assert.False(Run((_, _) => throw new OperationCanceledException()));

        Assert.Equal("Unexpected", Assert.Single(_pipeline.Errors).Id);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Progress_is_taken_away_however_the_work_ends(bool fails)
    {
        Run((output, _) =>
        {
            output.Report([new ProgressNotice(0, "Whole", "…"), new ProgressNotice(1, "Part", "…", 50)]);
            return fails ? throw new StoreException(StoreErrorKind.Full, "Full.") : Task.CompletedTask;
        });

        Assert.Equal([(0, false), (1, false), (1, true), (0, true)], _pipeline.Progress.Select(notice => (notice.Id, notice.Completed)));
    }
}
