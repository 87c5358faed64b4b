using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Registries.Authentication;

/// <summary>Knows how one registry wants requests to be authorised, and keeps its tokens.</summary>
internal sealed class RegistryAuthorizer(RegistryEndpoint endpoint, TokenService tokens, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly AuthenticationHeaderValue? _given = endpoint.Token is { } token ? new("Bearer", token.Reveal()) : null;
    private readonly AuthenticationHeaderValue? _basic = Basic(endpoint);
    private volatile AuthenticationChallenge? _challenge;

    /// <summary>Whether requests go out under somebody's name.</summary>
    public bool IsAnonymous => _given is null && _basic is null;

    /// <summary>Remembers how the registry wants to be asked, so that later requests need no refusal first.</summary>
    public void Learn(IReadOnlyList<AuthenticationChallenge> challenges) => _challenge = Choose(challenges)?.WithoutScope() ?? _challenge;

    /// <summary>What to send with a request for these scopes; null is nothing.</summary>
    public async ValueTask<AuthenticationHeaderValue?> AuthorizeAsync(IReadOnlyList<string> scopes, CancellationToken cancellationToken)
    {
        if (_given is not null || _challenge is not { } challenge)
            return _given;
        if (challenge.IsBasic)
            return _basic;
        var entry = EntryOf(scopes);
        var current = entry.Token;
        if (current is not null && time.GetUtcNow() < current.RenewAt)
            return current.Header;
        return (await RenewAsync(entry, current?.Header, challenge, scopes, cancellationToken)).Header;
    }

    /// <summary>What to send instead of <paramref name="used"/> after a 401; null where there is nothing better.</summary>
    public async ValueTask<AuthenticationHeaderValue?> AfterRefusalAsync(
        AuthenticationHeaderValue? used, IReadOnlyList<AuthenticationChallenge> challenges, IReadOnlyList<string> scopes, CancellationToken cancellationToken)
    {
        if (_given is not null || Choose(challenges) is not { } challenge)
            return null;
        _challenge = challenge.WithoutScope();
        if (challenge.IsBasic)
            return used is null ? _basic : null;
        return (await RenewAsync(EntryOf(scopes), used, challenge, scopes, cancellationToken)).Header;
    }

    private async Task<BearerToken> RenewAsync(
        Entry entry, AuthenticationHeaderValue? used, AuthenticationChallenge challenge, IReadOnlyList<string> scopes, CancellationToken cancellationToken)
    {
        await entry.Gate.WaitAsync(cancellationToken);
        try
        {
            // Somebody else may have renewed it while we waited.
            if (entry.Token is { } current && !ReferenceEquals(current.Header, used) && time.GetUtcNow() < current.RenewAt)
                return current;
            return entry.Token = await tokens.RequestAsync(challenge, WithScopeOf(challenge, scopes), _basic, cancellationToken);
        }
        // Quay knows scopes of repositories only (endpoints/v2/v2auth.py), and its catalog wants none.
        catch (StoreException e) when (e.StatusCode == 400 && scopes.All(scope => !scope.StartsWith("repository:", StringComparison.Ordinal)) && scopes.Count > 0)
        {
            return entry.Token = await tokens.RequestAsync(challenge, WithScopeOf(challenge, []), _basic, cancellationToken);
        }
        finally
        {
            entry.Gate.Release();
        }
    }

    private Entry EntryOf(IReadOnlyList<string> scopes) => _entries.GetOrAdd(string.Join(' ', scopes), static _ => new Entry());

    private static IReadOnlyList<string> WithScopeOf(AuthenticationChallenge challenge, IReadOnlyList<string> scopes) =>
        challenge["scope"] is { Length: > 0 } asked
            ? [.. scopes.Union(asked.Split(' ', StringSplitOptions.RemoveEmptyEntries), StringComparer.Ordinal)]
            : scopes;

    private static AuthenticationChallenge? Choose(IReadOnlyList<AuthenticationChallenge> challenges) =>
        challenges.FirstOrDefault(c => c.IsBearer && c["realm"] is not null) ?? challenges.FirstOrDefault(c => c.IsBasic);

    private static AuthenticationHeaderValue? Basic(RegistryEndpoint endpoint) => endpoint.UserName is { } user
        ? new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{endpoint.Password?.Reveal()}")))
        : null;

    private sealed class Entry
    {
        private volatile BearerToken? _token;

        public SemaphoreSlim Gate { get; } = new(1, 1);

        public BearerToken? Token
        {
            get => _token;
            set => _token = value;
        }
    }
}
