using Amazon.Runtime;

namespace RegistryMigration.Engine.Stores.S3.Roles;

/// <summary>The temporary credentials of a role: taken on when first asked for, renewed before they expire and where a server says that they have.</summary>
/// <remarks>Not the SDK's AssumeRoleAWSCredentials: it asks AWS alone, over connections of its own, and without a token or our clock.</remarks>
internal sealed class RoleCredentials(RoleSessions sessions, TimeProvider time) : AWSCredentials, IDisposable
{
    // What is sent now has to be good when the server looks at it, and a server of sessions that is down for a while should not matter.
    private static readonly TimeSpan Ahead = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan NextTry = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim _gate = new(1);
    private volatile RoleSession? _session;
    private DateTimeOffset _nextTry;

    /// <summary>The credentials of this moment.</summary>
    /// <exception cref="Model.StoreException">The role can't be taken on, and what was had before has expired.</exception>
    public async ValueTask<ImmutableCredentials> RenewAsync(CancellationToken cancellationToken)
    {
        if (_session is { } session && session.Expires - time.GetUtcNow() > Ahead)
            return session.Credentials;
        await _gate.WaitAsync(cancellationToken);
        try
        {
            var now = time.GetUtcNow();
            if (_session is { } current && (current.Expires - now > Ahead || (current.Expires > now && now < _nextTry)))
                return current.Credentials;
            return (_session = await sessions.BeginAsync(cancellationToken)).Credentials;
        }
        catch (Model.StoreException) when (_session is { } old && old.Expires > time.GetUtcNow())
        {
            _nextTry = time.GetUtcNow() + NextTry;
            return old.Credentials;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Renews at the next request: a server says that these have expired, whatever our clock says.</summary>
    public void Forget(ImmutableCredentials expired)
    {
        if (_session is { } session && ReferenceEquals(session.Credentials, expired))
            _session = session with { Expires = default };   // and not nothing: requests of the SDK that are under way still ask for it
    }

    /// <inheritdoc />
    /// <remarks>The SDK asks within requests for which <see cref="RenewAsync"/> was awaited before.</remarks>
    public override ImmutableCredentials GetCredentials() => _session?.Credentials ?? throw new AmazonClientException("The role was not taken on yet.");

    /// <inheritdoc />
    public override Task<ImmutableCredentials> GetCredentialsAsync() => Task.FromResult(GetCredentials());

    /// <inheritdoc />
    public void Dispose()
    {
        sessions.Dispose();
        _gate.Dispose();
    }
}

/// <summary>Credentials that a server gave for a while.</summary>
/// <param name="Credentials">Access key, secret key and token.</param>
/// <param name="Expires">Until when, by our clock.</param>
internal sealed record RoleSession(ImmutableCredentials Credentials, DateTimeOffset Expires);
