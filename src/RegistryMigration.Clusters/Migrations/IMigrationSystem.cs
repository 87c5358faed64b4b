using System.Text.Json.Nodes;
using RegistryMigration.Engine.Journal;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Migrations;

/// <summary>A system whose registry can be migrated: how it blocks writes, how it is told to use another storage, and how both are undone.</summary>
public interface IMigrationSystem
{
    /// <summary>What its migrations say as <see cref="RegistryMigrationInfo.System"/>.</summary>
    string Name { get; }

    /// <summary>Where the registry is reached, as far as the system says it.</summary>
    /// <exception cref="ClusterException">It does not say it.</exception>
    Task<string> FindEndpointAsync(StepContext context, CancellationToken cancellationToken);

    /// <summary>A repository that probes may be pushed to; null where only the administrator knows one.</summary>
    /// <param name="user">Who pushes; null where that is not known.</param>
    string? ProbeRepository(string? user);

    /// <summary>Takes away what a push to <see cref="ProbeRepository"/> made beside its manifest; what can't be taken away does no harm.</summary>
    Task RemoveProbeAsync(StepContext context, string repository, CancellationToken cancellationToken);

    /// <summary>The step that blocks writes.</summary>
    Task<IMigrationStep> BlockWritesAsync(StepContext context, BlockRequest request, CancellationToken cancellationToken);

    /// <summary>The step that allows them again.</summary>
    Task<IMigrationStep> AllowWritesAsync(StepContext context, AllowRequest request, CancellationToken cancellationToken);

    /// <summary>The cut-over.</summary>
    Task<IMigrationStep> SwitchAsync(StepContext context, SwitchRequest request, CancellationToken cancellationToken);

    /// <summary>Whether the registry still uses the storage that it was switched to.</summary>
    Task<bool> UsesAsync(StepContext context, MigrationStep switched, CancellationToken cancellationToken);

    /// <summary>What undoes each kind of step.</summary>
    IEnumerable<IStepUndo> Undos(StepContext context, UndoRequest request);
}

/// <summary>How to block writes.</summary>
/// <param name="Probe">Tries a push that has to be refused.</param>
public sealed record BlockRequest(Func<CancellationToken, Task<PushResult>> Probe)
{
    /// <summary>Quay: <c>REGISTRY_STATE: readonly</c> with this key; null takes <c>DISABLE_PUSHES</c>.</summary>
    public QuayServiceKey? ServiceKey { get; init; }
}

/// <summary>How to allow writes.</summary>
/// <param name="Probe">Pushes an image and pulls it back.</param>
/// <param name="Force">Allow writes without a proof by pulling.</param>
public sealed record AllowRequest(Func<CancellationToken, Task<PushResult>> Probe, bool Force = false);

/// <summary>Where to switch to.</summary>
public sealed record SwitchRequest
{
    /// <summary>The store that was copied to.</summary>
    public RegistryStore? Destination { get; init; }

    /// <summary>OpenShift: the claim that was copied to.</summary>
    public string? Claim { get; init; }

    /// <summary>OpenShift: pods after the switch; null decides by nodes and storage.</summary>
    public int? Replicas { get; init; }

    /// <summary>Quay: the driver; null chooses by the store.</summary>
    public string? Driver { get; init; }

    /// <summary>Quay: the location whose storage changes; null where there is only one.</summary>
    public string? Location { get; init; }

    /// <summary>Quay: more settings of the driver.</summary>
    public JsonObject DriverSettings { get; init; } = [];

    /// <summary>Quay: who it is at the new storage; null takes what the store was made with.</summary>
    public StorageAccount? Account { get; init; }

    /// <summary>Quay: SHA-256 of a certificate of the storage's chain, where that can't be verified.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>Quay: where it is asked for its health; null takes what the system says.</summary>
    public string? Registry { get; init; }

    /// <summary>Quay: whom to trust there.</summary>
    public TlsOptions RegistryTls { get; init; } = new();

    /// <summary>Switch although interlocks say no; what they say is recorded.</summary>
    public bool Force { get; init; }
}

/// <summary>How an undo proves what it brought back, where only the registry itself shows it.</summary>
public sealed record UndoRequest
{
    /// <summary>A standalone Quay: tries a push, and gives up one that begins; null where nobody is known who may push.</summary>
    public Func<CancellationToken, Task<PushResult>>? Probe { get; init; }

    /// <summary>A standalone Quay: its address, where the configuration does not say it.</summary>
    public string? Registry { get; init; }

    /// <summary>A standalone Quay: whom to trust there, and at its old storage.</summary>
    public TlsOptions Tls { get; init; } = new();

    /// <summary>Undo also what can't be proven, and say so.</summary>
    public bool Force { get; init; }
}

/// <summary>An account at a storage.</summary>
/// <param name="Name">Access key, or user.</param>
/// <param name="Secret">Secret key, or password.</param>
public sealed record StorageAccount(string Name, Secret Secret);
