using RegistryMigration.Model;

namespace RegistryMigration.Engine.Resilience;

/// <summary>Holds a run while its credentials are expired, says so once, and lets it go on when a request succeeds again.</summary>
internal sealed class CredentialPause(TimeSpan limit, TimeProvider time, Action<string>? warn) : ICredentialWait
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private readonly object _gate = new();
    private long _since;
    private bool _paused;

    public async ValueTask<bool> WaitAsync(StoreException failure, CancellationToken cancellationToken)
    {
        if (failure.Kind != StoreErrorKind.CredentialsExpired || limit <= TimeSpan.Zero)
            return false;
        lock (_gate)
        {
            if (!_paused)
            {
                _paused = true;
                _since = time.GetTimestamp();
                warn?.Invoke(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"Paused: {failure.Message} The run goes on by itself when they are renewed, and fails after {limit.TotalMinutes:0.#} minutes."));
            }
            else if (time.GetElapsedTime(_since) > limit)
            {
                return false;
            }
        }

        await Task.Delay(Interval < limit ? Interval : limit, time, cancellationToken);
        return true;
    }

    /// <inheritdoc />
    public void Resume()
    {
        if (!Volatile.Read(ref _paused))
            return;
        lock (_gate)
        {
            if (!_paused)
                return;
            _paused = false;
            warn?.Invoke("Credentials are valid again; the run goes on.");
        }
    }
}
