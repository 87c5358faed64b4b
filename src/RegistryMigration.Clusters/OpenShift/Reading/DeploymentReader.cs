using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.OpenShift.Reading;

/// <summary>Reads a deployment: how far its roll-out is, and what its environment says about storage.</summary>
public static class DeploymentReader
{
    /// <summary>The deployment; null for null.</summary>
    public static RegistryDeployment? Read(Resource? deployment) => deployment is null ? null : new RegistryDeployment
    {
        Name = deployment.Name,
        Replicas = (int)(deployment.Number("spec", "replicas") ?? 1),
        Current = Count(deployment, "replicas"),
        Updated = Count(deployment, "updatedReplicas"),
        Ready = Count(deployment, "readyReplicas"),
        Available = Count(deployment, "availableReplicas"),
        Generation = deployment.Generation,
        ObservedGeneration = deployment.Number("status", "observedGeneration") ?? 0,
        Strategy = deployment.Text("spec", "strategy", "type"),
        StorageDriver = Variable(deployment, ImageRegistryNames.StorageVariable),
        StorageLocation = LocationOf(deployment),
        ReadOnly = IsReadOnly(deployment),
        Conditions = ConditionReader.Read(deployment),
    };

    /// <summary>A variable of the first container that has it; null where none has, or where it comes from elsewhere (a secret).</summary>
    public static string? Variable(Resource deployment, string name) => Containers(deployment)
        .SelectMany(container => container.Items("env"))
        .Select(JsonText.ObjectOf)
        .FirstOrDefault(variable => variable.Text("name") == name)?
        .Text("value");

    /// <summary>Whether pods of this template refuse writes. The operator writes <c>{enabled: true}</c> (YAML); a variable of its own for the field is accepted too.</summary>
    public static bool IsReadOnly(Resource deployment)
    {
        var value = Variable(deployment, ImageRegistryNames.ReadOnlyVariable)?.Replace(" ", "", StringComparison.Ordinal);
        return value is "{enabled:true}" or "{\"enabled\":true}" || Variable(deployment, ImageRegistryNames.ReadOnlyVariable + "_ENABLED") == "true";
    }

    // pkg/storage/pvc/pvc.go: the volume is always called registry-storage.
    private static string? LocationOf(Resource deployment)
    {
        if (Variable(deployment, ImageRegistryNames.StorageVariable) is not { } driver)
            return null;
        if (driver != "filesystem")
            return Variable(deployment, $"REGISTRY_STORAGE_{driver.ToUpperInvariant()}_{(driver is "swift" or "azure" ? "CONTAINER" : "BUCKET")}");
        return deployment.Items("spec", "template", "spec", "volumes")
            .Select(JsonText.ObjectOf)
            .FirstOrDefault(volume => volume.Text("name") == "registry-storage")?
            .Text("persistentVolumeClaim", "claimName");
    }

    private static IEnumerable<Resource> Containers(Resource deployment) =>
        deployment.Items("spec", "template", "spec", "containers").Select(JsonText.ObjectOf);

    private static int Count(Resource deployment, string name) => (int)(deployment.Number("status", name) ?? 0);
}
