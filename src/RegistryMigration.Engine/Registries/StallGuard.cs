namespace RegistryMigration.Engine.Registries;

/// <summary>A token that is cancelled by the caller, or when nothing moved for a while.</summary>
internal sealed class StallGuard : IDisposable
{
    private readonly TimeSpan _timeout;
    private readonly CancellationTokenSource _idle;
    private readonly CancellationTokenSource _linked;

    public StallGuard(TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        _timeout = timeout;
        _idle = new CancellationTokenSource(timeout, time);
        _linked = CancellationTokenSource.CreateLinkedTokenSource(_idle.Token, cancellationToken);
    }

    public CancellationToken Token => _linked.Token;

    /// <summary>Whether it was silence that ended the wait.</summary>
    public bool Stalled => _idle.IsCancellationRequested;

    /// <summary>Something moved.</summary>
    public void Renew() => _idle.CancelAfter(_timeout);

    public void Dispose()
    {
        _linked.Dispose();
        _idle.Dispose();
    }
}
