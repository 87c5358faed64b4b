namespace RegistryMigration.Clusters.Kubernetes;

/// <summary>The types of Kubernetes itself that are used here.</summary>
public static class ResourceTypes
{
    /// <summary>Namespaces.</summary>
    public static readonly ResourceType Namespaces = new("", "v1", "namespaces", "Namespace", Namespaced: false);

    /// <summary>Nodes.</summary>
    public static readonly ResourceType Nodes = new("", "v1", "nodes", "Node", Namespaced: false);

    /// <summary>ConfigMaps.</summary>
    public static readonly ResourceType ConfigMaps = new("", "v1", "configmaps", "ConfigMap");

    /// <summary>Secrets.</summary>
    public static readonly ResourceType Secrets = new("", "v1", "secrets", "Secret");

    /// <summary>Pods.</summary>
    public static readonly ResourceType Pods = new("", "v1", "pods", "Pod");

    /// <summary>Events.</summary>
    public static readonly ResourceType Events = new("", "v1", "events", "Event");

    /// <summary>Services.</summary>
    public static readonly ResourceType Services = new("", "v1", "services", "Service");

    /// <summary>ServiceAccounts.</summary>
    public static readonly ResourceType ServiceAccounts = new("", "v1", "serviceaccounts", "ServiceAccount");

    /// <summary>PersistentVolumeClaims.</summary>
    public static readonly ResourceType Claims = new("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim");

    /// <summary>Deployments.</summary>
    public static readonly ResourceType Deployments = new("apps", "v1", "deployments", "Deployment");

    /// <summary>StatefulSets.</summary>
    public static readonly ResourceType StatefulSets = new("apps", "v1", "statefulsets", "StatefulSet");

    /// <summary>DaemonSets.</summary>
    public static readonly ResourceType DaemonSets = new("apps", "v1", "daemonsets", "DaemonSet");

    /// <summary>Jobs.</summary>
    public static readonly ResourceType Jobs = new("batch", "v1", "jobs", "Job");

    /// <summary>NetworkPolicies.</summary>
    public static readonly ResourceType NetworkPolicies = new("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy");

    /// <summary>Leases.</summary>
    public static readonly ResourceType Leases = new("coordination.k8s.io", "v1", "leases", "Lease");
}
