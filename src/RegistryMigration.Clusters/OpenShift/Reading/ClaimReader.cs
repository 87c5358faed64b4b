using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Kubernetes.Reading;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.OpenShift.Reading;

/// <summary>Reads the claim that the registry's volume is behind.</summary>
internal static class ClaimReader
{
    /// <summary>The claim of the storage asked for; null where that is no volume.</summary>
    public static async Task<RegistryVolumeClaim?> ReadAsync(SideReading side, ImageRegistryStorage storage, ImageRegistryStorage observed, CancellationToken cancellationToken)
    {
        if (storage.Kind != BackendKind.Volume)
            return null;
        // An empty name leaves the choice to the operator, which says in the status what it took.
        var name = storage.Location ?? (observed.Kind == BackendKind.Volume ? observed.Location : null) ?? ImageRegistryNames.DefaultClaim;
        var found = await side.FindAsync(ResourceTypes.Claims, ImageRegistryNames.Namespace, name, cancellationToken);
        return found.Known ? Read(name, found.Resource) : null;
    }

    /// <summary>A claim.</summary>
    public static RegistryVolumeClaim Read(string name, Resource? claim) => claim is null ? new RegistryVolumeClaim { Name = name, Exists = false } : new RegistryVolumeClaim
    {
        Name = name,
        Exists = true,
        Phase = claim.Text("status", "phase"),
        AccessModes = [.. claim.Items("spec", "accessModes").Select(JsonText.Show)],
        Requested = claim.Text("spec", "resources", "requests", "storage"),
        Capacity = claim.Text("status", "capacity", "storage"),
        StorageClass = claim.Text("spec", "storageClassName"),
        Volume = claim.Text("spec", "volumeName"),
        Uid = claim.Uid,
    };
}
