namespace RegistryMigration.Engine.Stores.Swift.Transport;

/// <summary>Lets callers that want the same thing at the same time share one attempt.</summary>
/// <remarks>The attempt belongs to nobody's token but <paramref name="lifetime"/>: a caller that gives up does not fail the others.</remarks>
internal sealed class SingleFlight<T>(Func<CancellationToken, Task<T>> action, CancellationToken lifetime)
{
    private readonly object _gate = new();
    private Task<T>? _running;

    /// <summary>Joins the attempt under way or starts one.</summary>
    public Task<T> RunAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_running is not { IsCompleted: false })
                _running = Task.Run(() => action(lifetime), lifetime);
            return _running.WaitAsync(cancellationToken);
        }
    }
}
