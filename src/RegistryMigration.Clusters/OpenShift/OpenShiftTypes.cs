using RegistryMigration.Clusters.Kubernetes;

namespace RegistryMigration.Clusters.OpenShift;

/// <summary>The types of OpenShift that are used here.</summary>
public static class OpenShiftTypes
{
    /// <summary>The image registry's configuration; the one object is <see cref="ImageRegistryNames.Config"/>.</summary>
    public static readonly ResourceType Configs = new("imageregistry.operator.openshift.io", "v1", "configs", "Config", Namespaced: false);

    /// <summary>The image pruner's configuration; the one object is <see cref="ImageRegistryNames.Pruner"/>.</summary>
    public static readonly ResourceType ImagePruners = new("imageregistry.operator.openshift.io", "v1", "imagepruners", "ImagePruner", Namespaced: false);

    /// <summary>What operators say about themselves.</summary>
    public static readonly ResourceType ClusterOperators = new("config.openshift.io", "v1", "clusteroperators", "ClusterOperator", Namespaced: false);

    /// <summary>What the cluster runs on.</summary>
    public static readonly ResourceType Infrastructures = new("config.openshift.io", "v1", "infrastructures", "Infrastructure", Namespaced: false);

    /// <summary>Routes.</summary>
    public static readonly ResourceType Routes = new("route.openshift.io", "v1", "routes", "Route");

    /// <summary>Image streams.</summary>
    public static readonly ResourceType ImageStreams = new("image.openshift.io", "v1", "imagestreams", "ImageStream");

    /// <summary>Images, named by digest.</summary>
    public static readonly ResourceType Images = new("image.openshift.io", "v1", "images", "Image", Namespaced: false);

    /// <summary>Deployment configurations.</summary>
    public static readonly ResourceType DeploymentConfigs = new("apps.openshift.io", "v1", "deploymentconfigs", "DeploymentConfig");

    /// <summary>Build configurations.</summary>
    public static readonly ResourceType BuildConfigs = new("build.openshift.io", "v1", "buildconfigs", "BuildConfig");
}
