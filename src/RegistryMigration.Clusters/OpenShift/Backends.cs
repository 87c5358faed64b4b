using RegistryMigration.Model;

namespace RegistryMigration.Clusters.OpenShift;

/// <summary>How the configuration, the registry's environment and the secrets name each storage type.</summary>
public static class Backends
{
    private static readonly Backend[] All =
    [
        new(BackendKind.EmptyDir, "emptyDir", null, "filesystem", "REGISTRY_STORAGE_FILESYSTEM_"),
        new(BackendKind.Volume, "pvc", "claim", "filesystem", "REGISTRY_STORAGE_FILESYSTEM_"),
        new(BackendKind.Swift, "swift", "container", "swift", "REGISTRY_STORAGE_SWIFT_"),
        new(BackendKind.S3, "s3", "bucket", "s3", "REGISTRY_STORAGE_S3_"),
        new(BackendKind.Azure, "azure", "container", "azure", "REGISTRY_STORAGE_AZURE_"),
        new(BackendKind.Gcs, "gcs", "bucket", "gcs", "REGISTRY_STORAGE_GCS_"),
        // The registry talks to both through their S3 interface (pkg/storage/ibmcos, pkg/storage/oss).
        new(BackendKind.IbmCos, "ibmcos", "bucket", "s3", "REGISTRY_STORAGE_IBMCOS_"),
        new(BackendKind.Oss, "oss", "bucket", "oss", "REGISTRY_STORAGE_OSS_"),
    ];

    /// <summary>The storage type of a field of <c>spec.storage</c>; null for fields that are none.</summary>
    public static BackendKind? OfField(string field) => Array.Find(All, backend => backend.Field == field)?.Kind;

    /// <summary>The field of <c>spec.storage</c>.</summary>
    public static string FieldOf(BackendKind kind) => Find(kind).Field;

    /// <summary>The field that names the claim, container or bucket; null for a type that has none.</summary>
    public static string? LocationFieldOf(BackendKind kind) => Find(kind).LocationField;

    /// <summary>What <c>REGISTRY_STORAGE</c> says.</summary>
    public static string DriverOf(BackendKind kind) => Find(kind).Driver;

    /// <summary>The storage type that a key of a credentials secret is for; null for keys that are for none.</summary>
    public static BackendKind? OfSecretKey(string key) => Array.Find(All, backend => key.StartsWith(backend.KeyPrefix, StringComparison.Ordinal))?.Kind;

    private static Backend Find(BackendKind kind) =>
        Array.Find(All, backend => backend.Kind == kind) ?? throw new ArgumentOutOfRangeException(nameof(kind), kind, "No storage type.");

    private sealed record Backend(BackendKind Kind, string Field, string? LocationField, string Driver, string KeyPrefix);
}
