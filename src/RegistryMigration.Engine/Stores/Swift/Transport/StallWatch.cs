namespace RegistryMigration.Engine.Stores.Swift.Transport;

/// <summary>Cuts what stands still: fires when it is not renewed for a while, or when the caller gives up.</summary>
/// <remarks>Paused while it is our turn (reading what is to be sent), so that a slow source is never taken for a silent server.</remarks>
internal sealed class StallWatch : IDisposable
{
    private readonly TimeSpan _limit;
    private readonly CancellationTokenSource _source;
    private readonly CancellationTokenRegistration _caller;
    private readonly CancellationToken _callerToken;

    public StallWatch(TimeSpan limit, TimeProvider time, CancellationToken caller)
    {
        _limit = limit;
        _callerToken = caller;
        _source = new CancellationTokenSource(limit, time);
        _caller = caller.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _source);
    }

    /// <summary>Ends requests, for either reason.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Whether silence, and not the caller, ended it.</summary>
    public bool HasStalled => _source.IsCancellationRequested && !_callerToken.IsCancellationRequested;

    /// <summary>Something moved: the time starts again.</summary>
    public void Renew() => _source.CancelAfter(_limit);

    /// <summary>No limit until <see cref="Renew"/>.</summary>
    public void Pause() => _source.CancelAfter(Timeout.InfiniteTimeSpan);

    public void Dispose()
    {
        _caller.Dispose();
        _source.Dispose();
    }
}
