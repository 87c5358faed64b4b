using RegistryMigration.Engine.Stores.Swift.Transport;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Stores.Swift.Authentication;

/// <summary>Holds the session and renews it: ahead of its end, and when a server no longer takes it. Concurrent callers share one renewal.</summary>
internal sealed class SessionKeeper
{
    private readonly ISwiftAuthentication _authentication;
    private readonly TimeProvider _time;
    private readonly SingleFlight<SwiftSession> _renewal;
    private volatile SwiftSession? _session;

    public SessionKeeper(ISwiftAuthentication authentication, TimeProvider time, CancellationToken lifetime)
    {
        _authentication = authentication;
        _time = time;
        _renewal = new SingleFlight<SwiftSession>(AuthenticateAsync, lifetime);
    }

    /// <summary>A session that is good for some time yet.</summary>
    public async ValueTask<SwiftSession> GetAsync(CancellationToken cancellationToken)
    {
        if (_session is not { } session)
            return await _renewal.RunAsync(cancellationToken);
        if (!_authentication.CanRenew || session.RenewAt is not { } renewAt || _time.GetUtcNow() < renewAt)
            return session;
        try
        {
            return await _renewal.RunAsync(cancellationToken);
        }
        catch (StoreException) when (session.ExpiresAt > _time.GetUtcNow())
        {
            // Renewed ahead of time: while the old token lives, an authentication server that is down stops nobody.
            return session;
        }
    }

    /// <summary>A session other than <paramref name="refused"/>, which a server answered with 401.</summary>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.CredentialsExpired"/> where the token can't be renewed.</exception>
    public async ValueTask<SwiftSession> RenewAsync(SwiftSession refused, CancellationToken cancellationToken)
    {
        if (!_authentication.CanRenew)
            throw new StoreException(StoreErrorKind.CredentialsExpired, "The storage no longer takes the token that was given, or never did. Give a fresh token, or credentials that can be renewed.") { StatusCode = 401 };
        return _session is { } current && current.Token != refused.Token ? current : await _renewal.RunAsync(cancellationToken);
    }

    private async Task<SwiftSession> AuthenticateAsync(CancellationToken cancellationToken)
    {
        var session = await _authentication.AuthenticateAsync(cancellationToken);
        return _session = _session?.Token == session.Token ? session.RenewedAtItsEnd(_time.GetUtcNow()) : session;
    }
}
