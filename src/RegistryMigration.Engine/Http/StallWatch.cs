namespace RegistryMigration.Engine.Http;

/// <summary>Cuts what stands still: its token ends when nothing has moved for a while, or when the caller gives up.</summary>
/// <remarks>Paused while it is our turn (reading what is to be sent), so that a slow source is never taken for a silent server.</remarks>
internal sealed class StallWatch(TimeSpan limit, TimeProvider time) : IDisposable
{
    private CancellationTokenSource? _source;
    private CancellationTokenRegistration _registration;
    private CancellationToken _caller;

    /// <summary>How long nothing may move.</summary>
    public TimeSpan Limit => limit;

    /// <summary>Whether silence, and not the caller, ended it.</summary>
    public bool HasStalled => _source is { IsCancellationRequested: true } && !_caller.IsCancellationRequested;

    /// <summary>Starts the time, and gives the token that ends requests for either reason.</summary>
    /// <remarks>One source serves all steps of a transfer; a new one is made only after it has fired, or for another caller's token.</remarks>
    public CancellationToken Start(CancellationToken caller)
    {
        if (_source is { IsCancellationRequested: false } && _caller == caller)
        {
            Renew();
        }
        else
        {
            Dispose();
            _caller = caller;
            _source = new CancellationTokenSource(limit, time);
            _registration = caller.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _source);
        }

        return _source.Token;
    }

    /// <summary>Something moved: the time starts again.</summary>
    public void Renew() => Set(limit);

    /// <summary>No limit until <see cref="Renew"/> or <see cref="Start"/>.</summary>
    public void Pause() => Set(Timeout.InfiniteTimeSpan);

    public void Dispose()
    {
        _registration.Dispose();
        _source?.Dispose();
    }

    private void Set(TimeSpan due)
    {
        try
        {
            _source?.CancelAfter(due);
        }
        catch (ObjectDisposedException)
        {
            // HttpClient may still be reading a body whose request has ended: with an early answer, or by cancellation.
        }
    }
}
