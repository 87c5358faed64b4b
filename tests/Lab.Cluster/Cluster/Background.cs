namespace RegistryMigration.Lab.Cluster;

/// <summary>Loops that run until they are stopped, and survive an API server that is away.</summary>
internal sealed class Background : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _loops = [];

    /// <summary>Cancelled when this stops.</summary>
    public CancellationToken Stopping => _stop.Token;

    /// <summary>Runs something again and again, with a pause after each time.</summary>
    public void Repeat(string name, TimeSpan pause, Func<CancellationToken, Task> work) => Run(async token =>
    {
        while (true)
        {
            try
            {
                await work(token);
            }
            catch (Exception e) when (e is not OperationCanceledException || !token.IsCancellationRequested)
            {
                // Somebody reads this in the log of the stand-in when a test hangs.
                await Console.Error.WriteLineAsync($"{name}: {e.GetType().Name}: {e.Message}");
                await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, token);
            }
            await Task.Delay(pause, TimeProvider.System, token);
        }
    });

    /// <summary>Stops all loops and waits for them.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_loops);
        _stop.Dispose();
    }

    private void Run(Func<CancellationToken, Task> loop) => _loops.Add(Task.Run(async () =>
    {
        try
        {
            await loop(_stop.Token);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
        }
    }));
}
