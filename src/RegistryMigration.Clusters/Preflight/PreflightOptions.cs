using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Preflight;

/// <summary>What a preflight is to look at beside the registry.</summary>
public sealed record PreflightOptions
{
    /// <summary>The store that the images are to move to; null leaves its checks out.</summary>
    public RegistryStore? Destination { get; init; }

    /// <summary>Of a Quay with several storage locations: the name of the one that moves; null where there is only one.</summary>
    public string? Location { get; init; }

    /// <summary>Replicas that are to run after the switch; null takes what fits.</summary>
    public int? Replicas { get; init; }

    /// <summary>Bytes that the registry keeps now, to be compared with quotas; null where nobody has measured.</summary>
    public long? UsedBytes { get; init; }
}
