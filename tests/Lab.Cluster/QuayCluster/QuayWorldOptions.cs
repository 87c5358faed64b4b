namespace RegistryMigration.Lab.Cluster;

/// <summary>What a cluster with a Quay looks like when a test begins.</summary>
public sealed record QuayWorldOptions
{
    /// <summary>The namespace.</summary>
    public string Namespace { get; init; } = "quay-enterprise";

    /// <summary>The QuayRegistry.</summary>
    public string Name { get; init; } = "registry";

    /// <summary>Whether the operator owns the storage: a bucket of Ceph's second user, as location local_us. Else the bundle says where it is.</summary>
    public bool Managed { get; init; }

    /// <summary>The driver of the bundle's location: RadosGWStorage, RHOCSStorage, IBMCloudStorage, S3Storage (which encrypts, and so needs <see cref="Tls"/>).</summary>
    public string Driver { get; init; } = "RadosGWStorage";

    /// <summary>The name of the bundle's location.</summary>
    public string Location { get; init; } = "default";

    /// <summary>The bucket, of Ceph's first user; null makes one.</summary>
    public string? Bucket { get; init; }

    /// <summary>The path before all keys.</summary>
    public string StoragePath { get; init; } = "/datastorage/registry";

    /// <summary>Whether Quay speaks HTTPS with the storage; its authority is then in the bundle, as extra_ca_cert_ceph.crt.</summary>
    public bool Tls { get; init; }

    /// <summary>FEATURE_PROXY_STORAGE in the bundle; the managed storage has it always.</summary>
    public bool ProxyStorage { get; init; }

    /// <summary>Pods of Quay.</summary>
    public int Replicas { get; init; } = 2;
}
