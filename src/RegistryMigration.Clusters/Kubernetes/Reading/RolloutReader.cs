using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Kubernetes.Reading;

/// <summary>Reads how far the roll-out of a deployment is.</summary>
public static class RolloutReader
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
        Conditions = ConditionReader.Read(deployment),
    };

    private static int Count(Resource deployment, string name) => (int)(deployment.Number("status", name) ?? 0);
}
