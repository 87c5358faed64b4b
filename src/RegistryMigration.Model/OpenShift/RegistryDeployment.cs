namespace RegistryMigration.Model;

/// <summary>A deployment as it runs: the registry's, or its operator's.</summary>
public sealed record RegistryDeployment
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Pods asked for.</summary>
    public required int Replicas { get; init; }

    /// <summary>Pods there are, old and new.</summary>
    public int Current { get; init; }

    /// <summary>Pods of the newest template.</summary>
    public int Updated { get; init; }

    /// <summary>Pods that are ready.</summary>
    public int Ready { get; init; }

    /// <summary>Pods that have been ready for long enough.</summary>
    public int Available { get; init; }

    /// <summary>The spec's generation.</summary>
    public long Generation { get; init; }

    /// <summary>The generation that the numbers above belong to.</summary>
    public long ObservedGeneration { get; init; }

    /// <summary>RollingUpdate or Recreate.</summary>
    public string? Strategy { get; init; }

    /// <summary>What <c>REGISTRY_STORAGE</c> says: filesystem, swift, s3, …; null for the operator's deployment.</summary>
    public string? StorageDriver { get; init; }

    /// <summary>The claim, container or bucket that the pods really use; null where it is not said.</summary>
    public string? StorageLocation { get; init; }

    /// <summary>Whether the pods were started with writes refused.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>Its conditions.</summary>
    public IReadOnlyList<RegistryCondition> Conditions { get; init; } = [];

    /// <summary>Whether all pods are of the newest template and available, and no old one is left.</summary>
    public bool IsComplete => ObservedGeneration >= Generation && Updated == Replicas && Available == Replicas && Current == Replicas;

    /// <summary>Name and counts.</summary>
    public override string ToString() => $"{Name}: {Available} of {Replicas} available, {Updated} up to date";
}
