namespace RegistryMigration.Model;

/// <summary>What a Quay lets its users do.</summary>
public enum QuayState
{
    /// <summary>Everything.</summary>
    Normal,

    /// <summary><c>DISABLE_PUSHES</c>: nothing is pushed or deleted, garbage collection stands still, all else goes on (Quay 3.13 and later).</summary>
    PushesDisabled,

    /// <summary><c>REGISTRY_STATE: readonly</c>: the database is read-only too.</summary>
    ReadOnly,
}

/// <summary>A Quay: what its configuration says, and what is there.</summary>
public sealed record QuayRegistry
{
    /// <summary>The QuayRegistry's name; of a standalone Quay its <c>SERVER_HOSTNAME</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The namespace; null for a standalone Quay.</summary>
    public string? Namespace { get; init; }

    /// <summary>The cluster; null for a standalone Quay.</summary>
    public RegistryCluster? Cluster { get; init; }

    /// <summary>The configuration file of a standalone Quay; null under the operator.</summary>
    public string? ConfigurationPath { get; init; }

    /// <summary>The version that runs; null where nothing says it.</summary>
    public string? Version { get; init; }

    /// <summary>Where clients reach it, as <c>https://host</c>; null where nothing says it.</summary>
    public string? Endpoint { get; init; }

    /// <summary>What it lets its users do, by its configuration.</summary>
    public QuayState State { get; init; }

    /// <summary>Whether clients get blobs through Quay (<c>FEATURE_PROXY_STORAGE</c>), and not by a redirect to the storage, which they then have to reach and trust.</summary>
    public bool ProxyStorage { get; init; }

    /// <summary>The Secret with the configuration that the administrator gives; null for a standalone Quay.</summary>
    public string? ConfigBundle { get; init; }

    /// <summary>The Secret with the configuration that the operator made of it and pods run with; null for a standalone Quay, and before there is one.</summary>
    public string? RenderedConfig { get; init; }

    /// <summary>Whether the operator owns the storage (component objectstorage); its location is then <c>local_us</c>, and no part of the bundle.</summary>
    public bool IsStorageManaged { get; init; }

    /// <summary>Where blobs are kept.</summary>
    public IReadOnlyList<QuayStorageLocation> Locations { get; init; } = [];

    /// <summary>Locations in the order in which they are asked and written to (<c>DISTRIBUTED_STORAGE_PREFERENCE</c>).</summary>
    public IReadOnlyList<string> Preference { get; init; } = [];

    /// <summary>Locations whose images are copied to all others (<c>DISTRIBUTED_STORAGE_DEFAULT_LOCATIONS</c>).</summary>
    public IReadOnlyList<string> DefaultLocations { get; init; } = [];

    /// <summary>The QuayRegistry's conditions.</summary>
    public IReadOnlyList<RegistryCondition> Conditions { get; init; } = [];

    /// <summary>Quay's deployment; null for a standalone Quay, and where there is none.</summary>
    public RegistryDeployment? Deployment { get; init; }

    /// <summary>What Quay says of its own parts (<c>/health/endtoend</c>); empty where it was not asked or did not answer.</summary>
    public IReadOnlyDictionary<string, bool> Health { get; init; } = new Dictionary<string, bool>();

    /// <summary>What this account may not read; the properties that depend on it are empty.</summary>
    public IReadOnlyList<string> Unread { get; init; } = [];

    /// <summary>The condition of a type; null where there is none.</summary>
    public RegistryCondition? Condition(string type) => Conditions.FirstOrDefault(condition => condition.Type == type);

    /// <summary>Namespace and name, or the file.</summary>
    public override string ToString() => ConfigurationPath ?? $"{Namespace}/{Name}";
}
