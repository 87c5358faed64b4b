using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Kubernetes.Reading;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.OpenShift.Reading;

/// <summary>Reads a deployment: how far its roll-out is, and what its environment says about storage.</summary>
public static class DeploymentReader
{
    /// <summary>The deployment; null for null.</summary>
    public static RegistryDeployment? Read(Resource? deployment) => deployment is null ? null : RolloutReader.Read(deployment)! with
    {
        StorageDriver = PodTemplate.Variable(deployment, ImageRegistryNames.StorageVariable),
        StorageLocation = LocationOf(deployment),
        ReadOnly = IsReadOnly(deployment),
    };

    /// <summary>Whether pods of this template refuse writes. The operator writes <c>{enabled: true}</c> (YAML); a variable of its own for the field is accepted too.</summary>
    public static bool IsReadOnly(Resource deployment)
    {
        var value = PodTemplate.Variable(deployment, ImageRegistryNames.ReadOnlyVariable)?.Replace(" ", "", StringComparison.Ordinal);
        return value is "{enabled:true}" or "{\"enabled\":true}" || PodTemplate.Variable(deployment, ImageRegistryNames.ReadOnlyVariable + "_ENABLED") == "true";
    }

    // pkg/storage/pvc/pvc.go: the volume is always called registry-storage.
    private static string? LocationOf(Resource deployment)
    {
        if (PodTemplate.Variable(deployment, ImageRegistryNames.StorageVariable) is not { } driver)
            return null;
        if (driver != "filesystem")
            return PodTemplate.Variable(deployment, $"REGISTRY_STORAGE_{driver.ToUpperInvariant()}_{(driver is "swift" or "azure" ? "CONTAINER" : "BUCKET")}");
        return PodTemplate.Volumes(deployment)
            .FirstOrDefault(volume => volume.Text("name") == "registry-storage")?
            .Text("persistentVolumeClaim", "claimName");
    }
}
