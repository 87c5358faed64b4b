namespace RegistryMigration.Lab.Cluster;

/// <summary>Where things of a QuayRegistry are in the API.</summary>
internal static class QuayNames
{
    /// <summary>On everything that belongs to a QuayRegistry: its name (pkg/kustomize/kustomize.go, QuayRegistryNameLabel).</summary>
    public const string Label = "quay-operator/quayregistry";

    public static string Registry(string @namespace, string name) => $"/apis/quay.redhat.com/v1/namespaces/{@namespace}/quayregistries/{name}";

    public static string Secrets(string @namespace) => $"/api/v1/namespaces/{@namespace}/secrets";

    public static string Maps(string @namespace) => $"/api/v1/namespaces/{@namespace}/configmaps";

    public static string Deployment(string @namespace, string registry) => $"/apis/apps/v1/namespaces/{@namespace}/deployments/{registry}-quay-app";

    public static string BucketClaim(string @namespace, string registry) => $"/apis/objectbucket.io/v1alpha1/namespaces/{@namespace}/objectbucketclaims/{registry}-quay-datastore";

    /// <summary>Where the database of a QuayRegistry is on this machine.</summary>
    public static string Database(LabState lab, string @namespace, string registry) => Path.Combine(lab.Directory, "data", "quay", @namespace, registry);
}
