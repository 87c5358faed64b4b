namespace RegistryMigration.Model;

/// <summary>One place where a Quay keeps blobs. Quay's database knows it by its name, so the name never changes.</summary>
public sealed record QuayStorageLocation
{
    /// <summary>Its name in the configuration and in the database: <c>default</c>, <c>local_us</c>, …</summary>
    public required string Name { get; init; }

    /// <summary>Quay's driver: <c>RHOCSStorage</c>, <c>S3Storage</c>, …</summary>
    public required string Driver { get; init; }

    /// <summary>The store; null where this module can't reach that kind of storage, or the settings are broken: <see cref="Problem"/> says which.</summary>
    public RegistryStore? Store { get; init; }

    /// <summary>Why there is no <see cref="Store"/>; null where there is one.</summary>
    public string? Problem { get; init; }

    /// <summary>The path that Quay puts before every key, as its configuration says it.</summary>
    public string? StoragePath { get; init; }

    /// <summary>The address of the storage's server; null for a directory.</summary>
    public string? Endpoint { get; init; }

    /// <summary>Whether new blobs are written here: it comes first in the preference.</summary>
    public bool IsPreferred { get; init; }

    /// <summary>The driver's settings; secrets as <c>***</c>.</summary>
    public IReadOnlyDictionary<string, string?> Settings { get; init; } = new Dictionary<string, string?>();

    /// <summary>Name, driver and address.</summary>
    public override string ToString() => $"{Name}: {Driver}{(Store is null ? "" : $" {Store}")}";
}
