using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;

namespace RegistryMigration.Lab.Cluster;

/// <summary>Makes what a QuayRegistry needs: Inflate in pkg/kustomize/kustomize.go, and the loop of Reconcile.</summary>
internal sealed class QuayResources(KubeApi api, LabState lab)
{
    private const string ConfigPrefix = "quay-config-secret";

    private readonly ObjectBuckets _buckets = new(api, lab);

    /// <summary>Brings everything in line with a registry and its bundle.</summary>
    public async Task ApplyAsync(Resource registry, QuayBundle bundle, CancellationToken cancellationToken)
    {
        var space = registry.Namespace!;
        var components = new JsonObject { ["SERVER_HOSTNAME"] = bundle.Hostname ?? $"127.0.0.1:{lab.OpenShift.QuayPort}" };
        if (IsManaged(registry, "route"))
            (components["PREFERRED_URL_SCHEME"], components["EXTERNAL_TLS_TERMINATION"]) = ("https", true);
        if (IsManaged(registry, "objectstorage"))
            foreach (var (name, value) in await _buckets.EnsureAsync(registry, cancellationToken))
                components[name] = value?.DeepClone();
        var files = bundle.Render(components);
        var config = await SecretAsync(registry, $"{registry.Name}-{ConfigPrefix}-{QuayBundle.Hash(files)}", files, cancellationToken);
        var certificates = bundle.ExtraCertificates();
        var extra = await SecretAsync(registry, $"{registry.Name}-extra-ca-certs-{QuayBundle.Hash(certificates)}", certificates, cancellationToken);
        // The cluster signs the certificates of its own storage, and of no other.
        var authority = IsManaged(registry, "objectstorage") ? new JsonObject { ["service-ca.crt"] = await File.ReadAllTextAsync(lab.Ceph!.CaFile, cancellationToken) } : [];
        await MapAsync(registry, "cluster-service-ca", authority, cancellationToken);
        await MapAsync(registry, "cluster-trusted-ca", [], cancellationToken);
        await api.ApplyAsync($"/api/v1/namespaces/{space}/serviceaccounts/{registry.Name}-quay-app", Owned(registry, "v1", "ServiceAccount", $"{registry.Name}-quay-app"), cancellationToken);
        await api.ApplyAsync(QuayNames.Deployment(space, registry.Name), QuayDeployment.Of(registry, config, extra), cancellationToken);
        await CleanAsync(registry, config, cancellationToken);
    }

    /// <summary>Whether the operator owns a component.</summary>
    public static bool IsManaged(Resource registry, string kind) =>
        registry.Items("spec", "components").Any(component => component["kind"]!.ToString() == kind && component["managed"]!.GetValue<bool>());

    /// <summary>An object that goes with its registry.</summary>
    public static JsonObject Owned(Resource registry, string version, string kind, string name) => new()
    {
        ["apiVersion"] = version,
        ["kind"] = kind,
        ["metadata"] = new JsonObject
        {
            ["name"] = name,
            ["namespace"] = registry.Namespace,
            ["labels"] = new JsonObject { [QuayNames.Label] = registry.Name },
            ["ownerReferences"] = new JsonArray(new JsonObject { ["apiVersion"] = "quay.redhat.com/v1", ["kind"] = "QuayRegistry", ["name"] = registry.Name, ["uid"] = registry.Uid }),
        },
    };

    private async Task<string> SecretAsync(Resource registry, string name, Dictionary<string, byte[]> files, CancellationToken cancellationToken)
    {
        var secret = Owned(registry, "v1", "Secret", name);
        secret["data"] = new JsonObject(files.Select(file => KeyValuePair.Create<string, JsonNode?>(file.Key, Convert.ToBase64String(file.Value))));
        await api.ApplyAsync($"{QuayNames.Secrets(registry.Namespace!)}/{name}", secret, cancellationToken);
        return name;
    }

    private Task<Resource> MapAsync(Resource registry, string name, JsonObject data, CancellationToken cancellationToken)
    {
        var map = Owned(registry, "v1", "ConfigMap", $"{registry.Name}-{name}");
        map["data"] = data;
        return api.ApplyAsync($"{QuayNames.Maps(registry.Namespace!)}/{registry.Name}-{name}", map, cancellationToken);
    }

    // What pods ran with before goes once all of them run with the new one (quayAppDeploymentRolledOut).
    private async Task CleanAsync(Resource registry, string current, CancellationToken cancellationToken)
    {
        var deployment = await api.GetAsync(QuayNames.Deployment(registry.Namespace!, registry.Name), cancellationToken);
        var desired = deployment.Number("spec", "replicas") ?? 1;
        if (deployment.Number("status", "observedGeneration") is not { } observed || observed < deployment.Generation
            || deployment.Number("status", "updatedReplicas") != desired || deployment.Number("status", "availableReplicas") != desired)
            return;
        foreach (var secret in await api.ListAsync(QuayNames.Secrets(registry.Namespace!), cancellationToken))
            if (secret.Name.StartsWith($"{registry.Name}-{ConfigPrefix}", StringComparison.Ordinal) && secret.Name != current && secret.Name != registry.Text("spec", "configBundleSecret"))
                await api.DeleteAsync($"{QuayNames.Secrets(registry.Namespace!)}/{secret.Name}", null, cancellationToken);
    }
}
