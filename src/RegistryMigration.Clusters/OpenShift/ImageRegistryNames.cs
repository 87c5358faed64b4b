namespace RegistryMigration.Clusters.OpenShift;

/// <summary>The names that the operator of the image registry fixes (openshift/cluster-image-registry-operator, pkg/defaults/defaults.go).</summary>
public static class ImageRegistryNames
{
    /// <summary>The namespace of the operator and the registry.</summary>
    public const string Namespace = "openshift-image-registry";

    /// <summary>The one Config.</summary>
    public const string Config = "cluster";

    /// <summary>The one ImagePruner.</summary>
    public const string Pruner = "cluster";

    /// <summary>The clusteroperator.</summary>
    public const string ClusterOperator = "image-registry";

    /// <summary>The one Infrastructure.</summary>
    public const string Infrastructure = "cluster";

    /// <summary>The registry's deployment.</summary>
    public const string Deployment = "image-registry";

    /// <summary>The operator's deployment.</summary>
    public const string OperatorDeployment = "cluster-image-registry-operator";

    /// <summary>The registry's service and its host within the cluster.</summary>
    public const string ServiceHost = "image-registry.openshift-image-registry.svc:5000";

    /// <summary>The default route.</summary>
    public const string DefaultRoute = "default-route";

    /// <summary>The claim that the operator makes where none is named.</summary>
    public const string DefaultClaim = "image-registry-storage";

    /// <summary>The administrator's storage credentials; they win over all others.</summary>
    public const string UserSecret = "image-registry-private-configuration-user";

    /// <summary>The credentials that the cloud credential operator made.</summary>
    public const string CloudSecret = "installer-cloud-credentials";

    /// <summary>The cloud in <c>clouds.yaml</c> where the infrastructure names none.</summary>
    public const string DefaultCloud = "openstack";

    /// <summary>The pruner's CronJob; its Jobs carry <see cref="PrunerJobs"/>.</summary>
    public const string PrunerCronJob = "image-pruner";

    /// <summary>Selects the pruner's Jobs.</summary>
    public const string PrunerJobs = "created-by=image-pruner";

    /// <summary>Selects the registry's pods. Nothing else may carry this label: the service would send clients there.</summary>
    public const string RegistryPods = "docker-registry=default";

    /// <summary>Selects the operator's pods.</summary>
    public const string OperatorPods = "name=cluster-image-registry-operator";

    /// <summary>The variable of the deployment that names the storage driver.</summary>
    public const string StorageVariable = "REGISTRY_STORAGE";

    /// <summary>The variable of the deployment that refuses writes.</summary>
    public const string ReadOnlyVariable = "REGISTRY_STORAGE_MAINTENANCE_READONLY";
}
