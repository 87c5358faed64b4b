using RegistryMigration.Engine.Stores.Swift.Configuration;

namespace RegistryMigration.Engine.Stores.Swift.Authentication;

/// <summary>A token and a storage address that were given: nothing is asked of anybody.</summary>
internal sealed class GivenToken(SwiftSettings settings, TimeProvider time) : ISwiftAuthentication
{
    public bool CanRenew => false;

    public Task<SwiftSession> AuthenticateAsync(CancellationToken cancellationToken) =>
        Task.FromResult(new SwiftSession(settings.StorageUrl!, settings.Token!.Reveal(), time.GetUtcNow(), expiresAt: null));
}
