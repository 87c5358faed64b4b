namespace RegistryMigration.Engine.Stores.Swift.Authentication;

/// <summary>One way to get a session.</summary>
internal interface ISwiftAuthentication
{
    /// <summary>Whether asking again gives another token.</summary>
    bool CanRenew { get; }

    /// <summary>Fetches a token and the account's address.</summary>
    Task<SwiftSession> AuthenticateAsync(CancellationToken cancellationToken);
}
