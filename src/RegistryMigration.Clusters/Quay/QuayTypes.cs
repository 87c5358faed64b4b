using RegistryMigration.Clusters.Kubernetes;

namespace RegistryMigration.Clusters.Quay;

/// <summary>The type of Quay's operator, and the names that it gives.</summary>
public static class QuayTypes
{
    /// <summary>QuayRegistries.</summary>
    public static readonly ResourceType QuayRegistries = new("quay.redhat.com", "v1", "quayregistries", "QuayRegistry");

    /// <summary>The key of the configuration in the bundle Secret and in the rendered one; the file's name in a standalone Quay.</summary>
    public const string ConfigKey = "config.yaml";

    /// <summary>The operator's component that owns a bucket.</summary>
    public const string ObjectStorage = "objectstorage";

    /// <summary>Quay's Deployment.</summary>
    public static string DeploymentOf(string name) => $"{name}-quay-app";

    /// <summary>How the names of the Secrets begin that the operator renders, a new one for each content (pkg/kustomize/kustomize.go).</summary>
    public static string RenderedPrefixOf(string name) => $"{name}-quay-config-secret";
}
