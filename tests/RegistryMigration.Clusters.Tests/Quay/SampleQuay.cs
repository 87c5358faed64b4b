using System.Text;
using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Quay;
using RegistryMigration.Clusters.Tests.Support;

namespace RegistryMigration.Clusters.Tests.Quay;

/// <summary>A cluster with a Quay as its operator leaves it: QuayRegistry, bundle, rendered Secret, Deployment.</summary>
internal static class SampleQuay
{
    public const string Namespace = "quay-enterprise";

    public const string Bundle = "SERVER_HOSTNAME: quay.apps.test\nFEATURE_USER_CREATION: false\n";

    public const string Rendered = """
        DISTRIBUTED_STORAGE_CONFIG:
          local_us:
            - RHOCSStorage
            - access_key: key
              bucket_name: quay-datastore
              hostname: s3.openshift-storage.svc
              is_secure: true
              port: 443
              secret_key: s3cret
              storage_path: /datastorage/registry
        DISTRIBUTED_STORAGE_DEFAULT_LOCATIONS:
          - local_us
        DISTRIBUTED_STORAGE_PREFERENCE:
          - local_us
        FEATURE_PROXY_STORAGE: true
        PREFERRED_URL_SCHEME: https
        SERVER_HOSTNAME: quay.apps.test

        """;

    /// <summary>The registry with storage of the operator.</summary>
    public static FakeKubernetes Managed(string name = "registry")
    {
        var cluster = new FakeKubernetes();
        Add(cluster, name);
        return cluster;
    }

    public static void Add(FakeKubernetes cluster, string name, string? @namespace = null)
    {
        var place = @namespace ?? Namespace;
        cluster.Put(QuayTypes.QuayRegistries, place, name, $$$"""
            {"spec":{"configBundleSecret":"config-bundle","components":[{"kind":"quay","managed":true},{"kind":"objectstorage","managed":true}]},
             "status":{"currentVersion":"3.13.1","registryEndpoint":"https://quay.apps.test","conditions":[{"type":"Available","status":"True","reason":"HealthChecksPassing"}]}}
            """);
        PutSecret(cluster, place, "config-bundle", Bundle);
        PutSecret(cluster, place, $"{name}-quay-config-secret-22dbk9btcg", Rendered);
        cluster.Put(ResourceTypes.Deployments, place, $"{name}-quay-app", $$$"""
            {"spec":{"replicas":2,"template":{"spec":{
               "volumes":[{"name":"extra-ca-certs","projected":{"sources":[{"configMap":{"name":"{{{name}}}-cluster-service-ca"}}]}},
                          {"name":"config","projected":{"sources":[{"secret":{"name":"{{{name}}}-quay-config-secret-22dbk9btcg"}},{"secret":{"name":"{{{name}}}-quay-config-tls-9"}}]}}],
               "containers":[{"name":"quay-app","env":[{"name":"QE_K8S_CONFIG_SECRET","value":"{{{name}}}-quay-config-secret-22dbk9btcg"}]}]} } },
             "status":{"replicas":2,"updatedReplicas":2,"availableReplicas":2,"observedGeneration":1} }
            """);
    }

    /// <summary>What becomes of the operator's claim once it is bound.</summary>
    public static void AddClaim(FakeKubernetes cluster, string name)
    {
        cluster.Put(ResourceTypes.ConfigMaps, Namespace, $"{name}-quay-datastore", """{"data":{"BUCKET_HOST":"s3.openshift-storage.svc","BUCKET_NAME":"quay-datastore","BUCKET_PORT":"443"}}""");
        cluster.Put(ResourceTypes.Secrets, Namespace, $"{name}-quay-datastore", """{"data":{"AWS_ACCESS_KEY_ID":"a2V5","AWS_SECRET_ACCESS_KEY":"czNjcmV0"}}""");
    }

    public static void PutSecret(FakeKubernetes cluster, string @namespace, string name, string config) =>
        cluster.Put(ResourceTypes.Secrets, @namespace, name, new JsonObject { ["data"] = new JsonObject { ["config.yaml"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(config)), ["ssl.cert"] = "Y2VydA==" } });
}
