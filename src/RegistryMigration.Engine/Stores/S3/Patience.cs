namespace RegistryMigration.Engine.Stores.S3;

/// <summary>How long one request may go without a sign of life from the server.</summary>
/// <remarks>It does not run while a request body waits for its own source: that silence is not the server's.</remarks>
internal sealed class Patience : IDisposable
{
    private readonly TimeSpan _limit;
    private readonly CancellationTokenSource _clock;
    private readonly CancellationTokenSource _linked;

    public Patience(TimeSpan limit, TimeProvider time, CancellationToken cancellationToken)
    {
        _limit = limit;
        _clock = new CancellationTokenSource(limit, time);
        _linked = CancellationTokenSource.CreateLinkedTokenSource(_clock.Token, cancellationToken);
    }

    /// <summary>Cancelled by the caller, or when patience ran out.</summary>
    public CancellationToken Token => _linked.Token;

    public bool RanOut => _clock.IsCancellationRequested;

    public void Pause() => Set(Timeout.InfiniteTimeSpan);

    public void Renew() => Set(_limit);

    public void Dispose()
    {
        _linked.Dispose();
        _clock.Dispose();
    }

    private void Set(TimeSpan limit)
    {
        try
        {
            _clock.CancelAfter(limit);
        }
        catch (ObjectDisposedException)
        {
            // HttpClient may still be reading a body whose request has ended: with an early answer, or by cancellation.
        }
    }
}
