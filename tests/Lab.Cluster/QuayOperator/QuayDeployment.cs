using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;

namespace RegistryMigration.Lab.Cluster;

/// <summary>Quay's Deployment: kustomize/base/quay.deployment.yaml, with the labels and overrides that pkg/kustomize and pkg/middleware add.</summary>
internal static class QuayDeployment
{
    /// <summary>The whole object.</summary>
    public static JsonObject Of(Resource registry, string config, string extraCertificates)
    {
        var labels = new JsonObject { ["quay-component"] = "quay-app", [QuayNames.Label] = registry.Name };
        var overrides = registry.Items("spec", "components").FirstOrDefault(component => component["kind"]!.ToString() == "quay")?["overrides"];
        var annotations = new JsonObject { ["quay-component"] = "quay" };
        foreach (var (name, value) in overrides?["annotations"] as JsonObject ?? [])
            annotations[name] = value?.DeepClone();
        var deployment = QuayResources.Owned(registry, "apps/v1", "Deployment", $"{registry.Name}-quay-app");
        deployment["metadata"]!["labels"]!["quay-component"] = "quay";
        deployment["metadata"]!["annotations"] = annotations;
        deployment["spec"] = new JsonObject
        {
            // Two is what the autoscaler begins with.
            ["replicas"] = overrides?["replicas"]?.DeepClone() ?? 2,
            ["selector"] = new JsonObject { ["matchLabels"] = labels },
            ["template"] = new JsonObject
            {
                ["metadata"] = new JsonObject { ["labels"] = labels.DeepClone() },
                ["spec"] = PodSpec(registry, config, extraCertificates, overrides?["env"] as JsonArray ?? []),
            },
        };
        return deployment;
    }

    private static JsonObject PodSpec(Resource registry, string config, string extraCertificates, JsonArray variables) => new()
    {
        ["serviceAccountName"] = $"{registry.Name}-quay-app",
        ["terminationGracePeriodSeconds"] = 30,
        ["volumes"] = new JsonArray(
            Projected("config", Source("secret", config)),
            Projected("extra-ca-certs", Source("configMap", $"{registry.Name}-cluster-service-ca"), Source("configMap", $"{registry.Name}-cluster-trusted-ca"), Source("secret", extraCertificates))),
        ["containers"] = new JsonArray(new JsonObject
        {
            ["name"] = "quay-app",
            ["image"] = "quay.io/projectquay/quay:v3.15.0",
            ["args"] = new JsonArray("registry-nomigrate"),
            ["env"] = new JsonArray([
                new JsonObject { ["name"] = "QE_K8S_CONFIG_SECRET", ["value"] = config },
                new JsonObject { ["name"] = "QE_K8S_NAMESPACE", ["valueFrom"] = new JsonObject { ["fieldRef"] = new JsonObject { ["fieldPath"] = "metadata.namespace" } } },
                new JsonObject { ["name"] = "DEBUGLOG", ["value"] = "false" },
                .. variables.Select(variable => variable!.DeepClone())]),
            ["ports"] = new JsonArray(Port(8443), Port(8080), Port(8081), Port(9091), Port(55443)),
            ["readinessProbe"] = new JsonObject { ["httpGet"] = new JsonObject { ["path"] = "/health/instance", ["port"] = 8080 }, ["timeoutSeconds"] = 10, ["periodSeconds"] = 15, ["failureThreshold"] = 10 },
            ["volumeMounts"] = new JsonArray(Mount("config", "/conf/stack"), Mount("extra-ca-certs", "/conf/stack/extra_ca_certs")),
        }),
    };

    private static JsonObject Projected(string name, params JsonNode[] sources) => new() { ["name"] = name, ["projected"] = new JsonObject { ["sources"] = new JsonArray([.. sources]) } };

    private static JsonObject Source(string kind, string name) => new() { [kind] = new JsonObject { ["name"] = name } };

    private static JsonObject Port(int number) => new() { ["containerPort"] = number, ["protocol"] = "TCP" };

    private static JsonObject Mount(string name, string path) => new() { ["name"] = name, ["mountPath"] = path };
}
