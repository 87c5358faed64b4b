using RegistryMigration.Clusters.Migrations;
using RegistryMigration.Engine.Registries;
using RegistryMigration.Engine.Registries.Proofs;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Model;

namespace RegistryMigration.Registries;

/// <summary>Pushes by which steps and their undos prove whether a registry takes writes.</summary>
/// <param name="endpoint">The registry, and who pushes.</param>
/// <param name="repository">Where to.</param>
/// <param name="time">The clock.</param>
internal sealed class PushProbe(RegistryEndpoint endpoint, string repository, TimeProvider time)
{
    /// <summary>A probe in the repository that is given, or in one that the system has for this user.</summary>
    /// <exception cref="ClusterException">Neither is known.</exception>
    public static PushProbe In(string? repository, IMigrationSystem system, RegistryEndpoint endpoint, TimeProvider time) =>
        new(endpoint, repository ?? system.ProbeRepository(endpoint.UserName)
            ?? throw new ClusterException(ClusterErrorKind.Precondition, "It is not known where a probe may be pushed. Give -Credential, whose user has a namespace of its own, or -Repository with an organization that exists."), time);

    /// <summary>Where to.</summary>
    public string Repository => repository;

    /// <summary>Begins a push, and gives it up where it is not refused.</summary>
    public async Task<PushResult> ExpectRefusedAsync(CancellationToken cancellationToken)
    {
        using var registry = new RegistryClient(endpoint, StoreContext.Create(time));
        return await new PushProof(registry, time).ExpectRefusedAsync(repository, cancellationToken);
    }

    /// <summary>Pushes an image, pulls it back and deletes it.</summary>
    public async Task<PushResult> PushAsync(CancellationToken cancellationToken)
    {
        using var registry = new RegistryClient(endpoint, StoreContext.Create(time));
        return await new PushProof(registry, time).PushAsync(repository, cancellationToken);
    }
}
