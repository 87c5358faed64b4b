namespace RegistryMigration.Pipeline;

/// <summary>Runs asynchronous work on the thread pool while the pipeline thread delivers what it says.</summary>
internal static class CommandRun
{
    /// <summary>Returns when the work has ended, however it did; what the pipeline throws goes on to the caller after that.</summary>
    /// <param name="pipeline">Where output goes, on the calling thread.</param>
    /// <param name="work">The work.</param>
    /// <param name="target">What is worked on, for errors.</param>
    /// <param name="stop">Cancelled here when the pipeline ends first, and by Ctrl-C.</param>
    /// <param name="time">The clock.</param>
    /// <returns>Whether the work came to its end without an error.</returns>
    public static bool Execute(ICommandPipeline pipeline, Func<ICommandOutput, CancellationToken, Task> work, object? target, CancellationTokenSource stop, TimeProvider time)
    {
        var queue = new OutputQueue(time);
        using var progress = new ProgressCleaner(pipeline);
        var token = stop.Token;
        _ = Task.Run(() => RunAsync(work, queue, token), CancellationToken.None);
        try
        {
            while (queue.TryTake(out var deliver))
                deliver(progress);
        }
        catch
        {
            // Ctrl-C, a downstream Select-Object -First, or -ErrorAction Stop: nobody listens any more. No work may outlive its cmdlet.
            stop.Cancel();
            while (queue.TryTake(out _))
            {
            }

            throw;
        }

        progress.Finish();
        if (queue.Failure is null)
            return !token.IsCancellationRequested;
        pipeline.WriteError(ErrorMapper.Map(queue.Failure, target));
        return false;
    }

    private static async Task RunAsync(Func<ICommandOutput, CancellationToken, Task> work, OutputQueue queue, CancellationToken cancellationToken)
    {
        Exception? failure = null;
        try
        {
            await work(queue, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
        catch (Exception e)
        {
            failure = e;
        }

        queue.Complete(failure);
    }
}
