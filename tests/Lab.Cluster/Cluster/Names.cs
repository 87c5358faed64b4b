namespace RegistryMigration.Lab.Cluster;

/// <summary>Where things are in the API.</summary>
internal static class Names
{
    public const string Namespace = "openshift-image-registry";
    public const string Configs = "/apis/imageregistry.operator.openshift.io/v1/configs";
    public const string Config = Configs + "/cluster";
    public const string Pruner = "/apis/imageregistry.operator.openshift.io/v1/imagepruners/cluster";
    public const string ClusterOperator = "/apis/config.openshift.io/v1/clusteroperators/image-registry";
    public const string Infrastructure = "/apis/config.openshift.io/v1/infrastructures/cluster";
    public const string Deployments = $"/apis/apps/v1/namespaces/{Namespace}/deployments";
    public const string Deployment = Deployments + "/image-registry";
    public const string Claims = $"/api/v1/namespaces/{Namespace}/persistentvolumeclaims";
    public const string Secrets = $"/api/v1/namespaces/{Namespace}/secrets";
    public const string Routes = $"/apis/route.openshift.io/v1/namespaces/{Namespace}/routes";
    public const string Finalizer = "imageregistry.operator.openshift.io/finalizer";

    /// <summary>On the namespace: seconds until a pod of the registry is ready, or <c>never</c>. The operator's mode says it to the node.</summary>
    public const string ReadyAfter = "registry-lab/ready-after";

    /// <summary>An object's path below its collection.</summary>
    public static string Pod(string? @namespace, string name) => $"/api/v1/namespaces/{@namespace}/pods/{name}";

    /// <summary>A claim's path.</summary>
    public static string Claim(string? @namespace, string name) => $"/api/v1/namespaces/{@namespace}/persistentvolumeclaims/{name}";
}
