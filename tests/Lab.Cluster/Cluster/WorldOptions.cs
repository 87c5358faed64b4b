namespace RegistryMigration.Lab.Cluster;

/// <summary>What a cluster with an image registry looks like when a test begins.</summary>
public sealed record WorldOptions
{
    /// <summary>pvc, swift or s3.</summary>
    public string Storage { get; init; } = "pvc";

    /// <summary>The container or bucket; null makes one with a name of its own, for swift and s3.</summary>
    public string? Container { get; init; }

    /// <summary>Swift behind Keystone (<c>swift-ks</c> has to run) instead of Swift's own logins.</summary>
    public bool Keystone { get; init; }

    /// <summary>Credentials in image-registry-private-configuration-user instead of the installer's Secret.</summary>
    public bool UserSecret { get; init; }

    /// <summary>The access mode of the claim.</summary>
    public string AccessMode { get; init; } = "ReadWriteOnce";

    /// <summary>Replicas; null is 1 on a volume, 2 elsewhere.</summary>
    public int? Replicas { get; init; }

    /// <summary>Recreate or RollingUpdate; null is what fits the storage.</summary>
    public string? RolloutStrategy { get; init; }

    /// <summary>Whether the registry starts read-only.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>Managed, Unmanaged or Removed.</summary>
    public string ManagementState { get; init; } = "Managed";

    /// <summary>Managed or Unmanaged: who owns the storage. Unlike a cluster that the installer made, Unmanaged: a test says so when it wants the danger.</summary>
    public string StorageManagementState { get; init; } = "Unmanaged";

    /// <summary>Whether there is a default route.</summary>
    public bool DefaultRoute { get; init; } = true;

    /// <summary>Whether the pruner starts suspended.</summary>
    public bool PrunerSuspended { get; init; }

    /// <summary>The name that the installer gave the cluster.</summary>
    public string InfrastructureName { get; init; } = "openshift-lrgv9";

    /// <summary>OpenStack, AWS, None, …</summary>
    public string Platform { get; init; } = "OpenStack";

    /// <summary>Projects beside the registry's own.</summary>
    public IReadOnlyList<string> Projects { get; init; } = ["demo", "shop"];
}
