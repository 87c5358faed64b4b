using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.OpenShift;
using RegistryMigration.Clusters.Tests.Support;

namespace RegistryMigration.Clusters.Tests.OpenShift.Support;

/// <summary>A cluster in memory with a healthy image registry on a volume, and an operator that a test turns by hand.</summary>
internal static class SampleRegistry
{
    public const string Namespace = ImageRegistryNames.Namespace;

    public static FakeKubernetes OnVolume(string accessMode = "ReadWriteOnce")
    {
        var cluster = new FakeKubernetes();
        cluster.Put(OpenShiftTypes.Configs, null, "cluster", """
            {"spec":{"managementState":"Managed","replicas":1,"rolloutStrategy":"Recreate","logLevel":"Normal","httpSecret":"0011deadbeef",
                     "storage":{"managementState":"Unmanaged","pvc":{"claim":"image-registry-storage"}}},
             "status":{"observedGeneration":1,"readyReplicas":1,"storage":{"pvc":{"claim":"image-registry-storage"}}}}
            """);
        cluster.Put(OpenShiftTypes.ImagePruners, null, "cluster", """{"spec":{"schedule":"","suspend":false}}""");
        cluster.Put(OpenShiftTypes.Infrastructures, null, "cluster", """
            {"status":{"infrastructureName":"demo-x7k2p","platformStatus":{"type":"OpenStack","openstack":{"cloudName":"openstack"}}}}
            """);
        cluster.Put(ResourceTypes.Claims, Namespace, "image-registry-storage", $$$"""
            {"spec":{"accessModes":["{{{accessMode}}}"],"resources":{"requests":{"storage":"100Gi"}},"storageClassName":"standard-csi","volumeName":"pv-1"},
             "status":{"phase":"Bound","capacity":{"storage":"100Gi"} } }
            """);
        cluster.Put(ResourceTypes.Secrets, Namespace, ImageRegistryNames.CloudSecret, """{"data":{"clouds.yaml":"Y2xvdWRz"}}""");
        PutDeployment(cluster, ImageRegistryNames.OperatorDeployment);
        PutPod(cluster, "operator-1", "name", "cluster-image-registry-operator");
        PutPod(cluster, "registry-1", "docker-registry", "default");
        Reconcile(cluster);
        return cluster;
    }

    /// <summary>Storage is replaced; everything else stays. The operator has followed.</summary>
    public static FakeKubernetes On(string storage)
    {
        var cluster = OnVolume();
        cluster.Edit(OpenShiftTypes.Configs, null, "cluster", config => config["spec"]!["storage"] = JsonNode.Parse(storage));
        Reconcile(cluster);
        return cluster;
    }

    /// <summary>What the operator does with a configuration: deployment, status, conditions, clusteroperator, routes.</summary>
    public static void Reconcile(FakeKubernetes cluster)
    {
        var config = cluster.Peek(OpenShiftTypes.Configs, null, "cluster")!;
        RollOut(cluster, config);
        var routes = config.Items("spec", "routes").Select(route => ((string)route["name"]!, (string?)route["hostname"] ?? "custom.apps.test"));
        foreach (var (name, host) in config.Flag("spec", "defaultRoute") == true ? routes.Append((ImageRegistryNames.DefaultRoute, "default.apps.test")) : routes)
            PutRoute(cluster, name, host);
        Tell(cluster, ("Available", true, "Ready", "The registry is ready"), ("Progressing", false, "Ready", "The registry is ready"), ("Degraded", false, "", ""), ("StorageExists", true, "PVC Exists", ""));
    }

    /// <summary>The operator's status alone.</summary>
    public static void Tell(FakeKubernetes cluster, params (string Type, bool Status, string Reason, string Message)[] conditions)
    {
        cluster.Edit(OpenShiftTypes.Configs, null, "cluster", config =>
        {
            var storage = config["spec"]!["storage"]!.DeepClone().AsObject();
            storage.Remove("managementState");
            config["status"] = new JsonObject { ["observedGeneration"] = new Resource(config).Generation, ["readyReplicas"] = 1, ["storage"] = storage, ["conditions"] = Conditions(conditions) };
        });
        cluster.Put(OpenShiftTypes.ClusterOperators, null, ImageRegistryNames.ClusterOperator, new JsonObject
        {
            ["status"] = new JsonObject { ["versions"] = JsonNode.Parse("""[{"name":"operator","version":"4.16.3"}]"""), ["conditions"] = Conditions([.. conditions.Where(condition => condition.Type is "Available" or "Progressing" or "Degraded")]) },
        });
    }

    public static void TellOperator(FakeKubernetes cluster, string type, bool status, string reason, string message) =>
        cluster.Edit(OpenShiftTypes.ClusterOperators, null, ImageRegistryNames.ClusterOperator, found =>
        {
            var conditions = (JsonArray)found["status"]!["conditions"]!;
            conditions.Remove(conditions.First(condition => (string?)condition!["type"] == type));
            conditions.Add(Conditions([(type, status, reason, message)])[0]!.DeepClone());
        });

    public static void PutRoute(FakeKubernetes cluster, string name, string host, bool admitted = true) => cluster.Put(OpenShiftTypes.Routes, Namespace, name, $$$"""
        {"spec":{"host":"{{{host}}}","to":{"kind":"Service","name":"image-registry"},"tls":{"termination":"reencrypt"}},
         "status":{"ingress":[{"host":"{{{host}}}","conditions":[{"type":"Admitted","status":"{{{admitted}}}","reason":"HostAlreadyClaimed","message":"a route in another namespace holds the host"}]}]}}
        """);

    public static void PutPod(FakeKubernetes cluster, string name, string label, string value, string? status = null) => cluster.Put(ResourceTypes.Pods, Namespace, name, $$$"""
        {"metadata":{"labels":{"{{{label}}}":"{{{value}}}"}},"spec":{"nodeName":"worker-0"},
         "status":{{{status ?? """{"phase":"Running","conditions":[{"type":"Ready","status":"True"}],"containerStatuses":[{"restartCount":0,"state":{"running":{}}}]}"""}}}}
        """);

    public static void PutDeployment(FakeKubernetes cluster, string name, int replicas = 1, string env = "[]", string volumes = "[]", string strategy = "Recreate") => cluster.Put(ResourceTypes.Deployments, Namespace, name, $$$"""
        {"spec":{"replicas":{{{replicas}}},"strategy":{"type":"{{{strategy}}}"},"template":{"spec":{"containers":[{"name":"main","image":"registry:1","env":{{{env}}} }],"volumes":{{{volumes}}} } } },
         "status":{"observedGeneration":99,"replicas":{{{replicas}}},"updatedReplicas":{{{replicas}}},"readyReplicas":{{{replicas}}},"availableReplicas":{{{replicas}}},
                   "conditions":[{"type":"Progressing","status":"True","reason":"NewReplicaSetAvailable"}]}}
        """);

    /// <summary>The deployment that the operator makes of a configuration, rolled out whole.</summary>
    public static void RollOut(FakeKubernetes cluster, Resource config)
    {
        var env = new JsonArray();
        var volumes = new JsonArray();
        var storage = config.Section("spec", "storage")!;
        if (storage["swift"] is JsonObject swift)
            Add("swift", "REGISTRY_STORAGE_SWIFT_CONTAINER", (string?)swift["container"]);
        else if (storage["s3"] is JsonObject s3)
            Add("s3", "REGISTRY_STORAGE_S3_BUCKET", (string?)s3["bucket"]);
        else
            env.Add(Variable(ImageRegistryNames.StorageVariable, "filesystem"));
        if (storage["pvc"] is JsonObject pvc)
            volumes.Add(JsonNode.Parse($$$"""{"name":"registry-storage","persistentVolumeClaim":{"claimName":"{{{pvc["claim"]}}}"}}"""));
        if (config.Flag("spec", "readOnly") == true)
            env.Add(Variable(ImageRegistryNames.ReadOnlyVariable, "{enabled: true}"));
        foreach (var kind in (string[])["read", "write"])
        {
            if (config.Section("spec", "requests", kind) is null)
                continue;
            env.Add(Variable($"REGISTRY_OPENSHIFT_REQUESTS_{kind.ToUpperInvariant()}_MAXRUNNING", $"{config.Number("spec", "requests", kind, "maxRunning") ?? 0}"));
            env.Add(Variable($"REGISTRY_OPENSHIFT_REQUESTS_{kind.ToUpperInvariant()}_MAXINQUEUE", $"{config.Number("spec", "requests", kind, "maxInQueue") ?? 0}"));
        }

        PutDeployment(cluster, ImageRegistryNames.Deployment, (int)config.Number("spec", "replicas")!, env.ToJsonString(), volumes.ToJsonString(), config.Text("spec", "rolloutStrategy") ?? "RollingUpdate");

        void Add(string driver, string variable, string? value)
        {
            env.Add(Variable(ImageRegistryNames.StorageVariable, driver));
            env.Add(Variable(variable, value));
        }
    }

    private static JsonObject Variable(string name, string? value) => new() { ["name"] = name, ["value"] = value };

    private static JsonArray Conditions((string Type, bool Status, string Reason, string Message)[] conditions) => new([.. conditions.Select(condition => new JsonObject
    {
        ["type"] = condition.Type,
        ["status"] = condition.Status ? "True" : "False",
        ["reason"] = condition.Reason,
        ["message"] = condition.Message,
        ["lastTransitionTime"] = "2026-01-02T03:04:05Z",
    })]);
}
