using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Preflight;

/// <summary>What a preflight is to look at beside the registry.</summary>
public sealed record PreflightOptions
{
    /// <summary>The store that the images are to move to; null leaves its checks out.</summary>
    public RegistryStore? Destination { get; init; }

    /// <summary>Of a Quay with several storage locations: the store that each is to move to, by the location's name. One location needs <see cref="Destination"/> only.</summary>
    public IReadOnlyDictionary<string, RegistryStore> Destinations { get; init; } = new Dictionary<string, RegistryStore>();

    /// <summary>Replicas that are to run after the switch; null takes what fits.</summary>
    public int? Replicas { get; init; }

    /// <summary>Bytes that the registry keeps now, to be compared with quotas; null where nobody has measured.</summary>
    public long? UsedBytes { get; init; }
}
