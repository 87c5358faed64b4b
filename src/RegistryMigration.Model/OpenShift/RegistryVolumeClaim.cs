namespace RegistryMigration.Model;

/// <summary>The claim behind a registry that keeps its images on a volume.</summary>
public sealed record RegistryVolumeClaim
{
    /// <summary>The claim's name; its namespace is the registry's.</summary>
    public required string Name { get; init; }

    /// <summary>Whether there is a claim of that name. Everything else is empty where there is none.</summary>
    public required bool Exists { get; init; }

    /// <summary>Pending, Bound or Lost.</summary>
    public string? Phase { get; init; }

    /// <summary>ReadWriteOnce, ReadWriteMany, …</summary>
    public IReadOnlyList<string> AccessModes { get; init; } = [];

    /// <summary>The size asked for, as Kubernetes writes it: <c>100Gi</c>.</summary>
    public string? Requested { get; init; }

    /// <summary>The size of the volume, as Kubernetes writes it.</summary>
    public string? Capacity { get; init; }

    /// <summary>The storage class.</summary>
    public string? StorageClass { get; init; }

    /// <summary>The volume.</summary>
    public string? Volume { get; init; }

    /// <summary>The claim's uid: another claim of the same name has another one.</summary>
    public string? Uid { get; init; }

    /// <summary>Whether one node at a time may mount it: one replica and the strategy Recreate are all that works.</summary>
    public bool IsSingleNode => Exists && AccessModes.Count > 0 && !AccessModes.Contains("ReadWriteMany", StringComparer.Ordinal);

    /// <summary>Name, access modes, size and phase.</summary>
    public override string ToString() => Exists ? $"{Name} ({string.Join(", ", AccessModes)}, {Capacity ?? Requested}, {Phase})" : $"{Name} (missing)";
}
