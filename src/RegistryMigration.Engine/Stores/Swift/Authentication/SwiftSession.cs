namespace RegistryMigration.Engine.Stores.Swift.Authentication;

/// <summary>What authentication answers: where the account is and the token that opens it.</summary>
/// <remarks>A class and not a record: a record would print its token.</remarks>
internal sealed class SwiftSession(Uri storageUrl, string token, DateTimeOffset issuedAt, DateTimeOffset? expiresAt)
{
    /// <summary>The account's address, without a slash at the end.</summary>
    public Uri StorageUrl { get; } = new(storageUrl.AbsoluteUri.TrimEnd('/'));

    /// <summary>Goes into X-Auth-Token and nowhere else.</summary>
    public string Token { get; } = token;

    /// <summary>When the token ends; null where the server does not tell.</summary>
    public DateTimeOffset? ExpiresAt { get; } = expiresAt;

    /// <summary>When to fetch the next one: after four fifths of its life, so that a request under way never outlives its token.</summary>
    public DateTimeOffset? RenewAt { get; private init; } = expiresAt is { } end ? issuedAt + ((end - issuedAt) * 0.8) : null;

    /// <summary>
    /// The same, renewed when it has ended: tempauth answers with the token it issued before for as long as that lives, so asking ahead of
    /// time gains nothing. Asked at most once a second, since its remaining life is told in whole seconds.
    /// </summary>
    public SwiftSession RenewedAtItsEnd(DateTimeOffset now) => new(StorageUrl, Token, now, ExpiresAt)
    {
        RenewAt = ExpiresAt > now.AddSeconds(1) ? ExpiresAt : now.AddSeconds(1),
    };
}
