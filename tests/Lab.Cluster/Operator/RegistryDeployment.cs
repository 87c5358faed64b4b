using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace RegistryMigration.Lab.Cluster;

/// <summary>The Deployment that a Config asks for, with the variables and labels of the real operator.</summary>
internal static class RegistryDeployment
{
    public const string PrivateConfiguration = "image-registry-private-configuration";
    private const int Port = 5000;

    /// <summary>The whole object.</summary>
    public static JsonObject Of(JsonObject spec, IRegistryStorage storage, IReadOnlyList<KeyValuePair<string, string>> plain, IReadOnlyList<KeyValuePair<string, string>> hidden, bool readOnly)
    {
        var labels = new JsonObject { ["docker-registry"] = "default" };
        var replicas = spec["replicas"]?.GetValue<int>() ?? 1;
        var deployment = new JsonObject
        {
            ["apiVersion"] = "apps/v1",
            ["kind"] = "Deployment",
            ["metadata"] = new JsonObject { ["name"] = "image-registry", ["namespace"] = Names.Namespace, ["labels"] = labels, ["annotations"] = new JsonObject { ["release.openshift.io/version"] = "4.16.0" } },
            ["spec"] = new JsonObject
            {
                ["replicas"] = replicas,
                ["progressDeadlineSeconds"] = 120,
                ["selector"] = new JsonObject { ["matchLabels"] = labels.DeepClone() },
                ["strategy"] = Strategy(spec["rolloutStrategy"]?.GetValue<string>(), replicas),
                ["template"] = new JsonObject
                {
                    ["metadata"] = new JsonObject { ["labels"] = labels.DeepClone(), ["annotations"] = new JsonObject { ["imageregistry.operator.openshift.io/dependencies-checksum"] = Checksum(hidden) } },
                    ["spec"] = PodSpec(spec, storage, Environment(spec, plain, hidden, readOnly), replicas),
                },
            },
        };
        return deployment;
    }

    private static JsonObject PodSpec(JsonObject spec, IRegistryStorage storage, JsonArray environment, int replicas)
    {
        var container = new JsonObject
        {
            ["name"] = "registry",
            ["image"] = "registry.lab/openshift/docker-registry@sha256:0000000000000000000000000000000000000000000000000000000000000000",
            ["ports"] = new JsonArray(new JsonObject { ["containerPort"] = Port, ["protocol"] = "TCP" }),
            ["env"] = environment,
            ["resources"] = spec["resources"]?.DeepClone() ?? new JsonObject { ["requests"] = new JsonObject { ["cpu"] = "100m", ["memory"] = "256Mi" } },
            ["terminationMessagePolicy"] = "FallbackToLogsOnError",
            ["volumeMounts"] = storage.Claim is null ? new JsonArray() : new JsonArray(new JsonObject { ["name"] = "registry-storage", ["mountPath"] = "/registry" }),
        };
        var selector = (spec["nodeSelector"] as JsonObject)?.DeepClone() as JsonObject ?? [];
        selector.TryAdd("kubernetes.io/os", "linux");
        var pod = new JsonObject
        {
            ["containers"] = new JsonArray(container),
            ["volumes"] = storage.Claim is { } claim ? new JsonArray(new JsonObject { ["name"] = "registry-storage", ["persistentVolumeClaim"] = new JsonObject { ["claimName"] = claim } }) : new JsonArray(),
            ["nodeSelector"] = selector,
            ["serviceAccountName"] = "registry",
            ["terminationGracePeriodSeconds"] = 55,
        };
        if (spec["tolerations"] is JsonArray tolerations)
            pod["tolerations"] = tolerations.DeepClone();
        if (spec["affinity"] is JsonObject affinity)
            pod["affinity"] = affinity.DeepClone();
        else if (replicas == 2)
            pod["affinity"] = Apart();
        return pod;
    }

    // Two replicas never share a node: with one schedulable worker the second stays pending.
    private static JsonObject Apart() => new()
    {
        ["podAntiAffinity"] = new JsonObject
        {
            ["requiredDuringSchedulingIgnoredDuringExecution"] = new JsonArray(new JsonObject
            {
                ["topologyKey"] = "kubernetes.io/hostname",
                ["namespaces"] = new JsonArray(Names.Namespace),
                ["labelSelector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["docker-registry"] = "default" } },
            }),
        },
    };

    private static JsonArray Environment(JsonObject spec, IReadOnlyList<KeyValuePair<string, string>> plain, IReadOnlyList<KeyValuePair<string, string>> hidden, bool readOnly)
    {
        var variables = new List<KeyValuePair<string, string>>(plain)
        {
            new("REGISTRY_HTTP_ADDR", $":{Port}"), new("REGISTRY_HTTP_NET", "tcp"), new("REGISTRY_HTTP_SECRET", spec["httpSecret"]?.GetValue<string>() ?? "lab"),
            new("REGISTRY_LOG_LEVEL", spec["logLevel"]?.GetValue<string>() is "Debug" or "Trace" or "TraceAll" ? "debug" : "info"),
            new("REGISTRY_STORAGE_CACHE_BLOBDESCRIPTOR", "inmemory"), new("REGISTRY_STORAGE_DELETE_ENABLED", "true"),
        };
        if (readOnly)
            variables.Add(new("REGISTRY_STORAGE_MAINTENANCE_READONLY", "{enabled: true}"));
        if (spec["disableRedirect"]?.GetValue<bool>() == true)
            variables.Add(new("REGISTRY_STORAGE_REDIRECT_DISABLE", "true"));
        foreach (var (member, name) in new[] { ("http", "HTTP_PROXY"), ("https", "HTTPS_PROXY"), ("noProxy", "NO_PROXY") })
            if (spec["proxy"]?[member]?.GetValue<string>() is { Length: > 0 } proxy)
                variables.Add(new(name, proxy));
        foreach (var direction in new[] { "read", "write" })
            if (spec["requests"]?[direction] is JsonObject limits)
                foreach (var (member, name) in new[] { ("maxRunning", "MAXRUNNING"), ("maxInQueue", "MAXINQUEUE"), ("maxWaitInQueue", "MAXWAITINQUEUE") })
                    variables.Add(new($"REGISTRY_OPENSHIFT_REQUESTS_{direction.ToUpperInvariant()}_{name}", limits[member]?.ToString() ?? (member == "maxWaitInQueue" ? "0s" : "0")));
        var environment = new JsonArray([.. variables.Select(variable => new JsonObject { ["name"] = variable.Key, ["value"] = variable.Value })]);
        foreach (var (name, _) in hidden)
            environment.Add(new JsonObject { ["name"] = name, ["valueFrom"] = new JsonObject { ["secretKeyRef"] = new JsonObject { ["name"] = PrivateConfiguration, ["key"] = name } } });
        return environment;
    }

    private static JsonObject Strategy(string? wanted, int replicas)
    {
        if (wanted == "Recreate")
            return new JsonObject { ["type"] = "Recreate" };
        var unavailable = replicas == 2 ? 1 : Math.Max(0, replicas - 1);
        JsonNode surge = replicas == 2 ? 1 : "25%";
        return new JsonObject { ["type"] = "RollingUpdate", ["rollingUpdate"] = new JsonObject { ["maxUnavailable"] = unavailable, ["maxSurge"] = surge } };
    }

    // Another password has to restart the registry.
    private static string Checksum(IReadOnlyList<KeyValuePair<string, string>> hidden) =>
        "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', hidden.Select(pair => $"{pair.Key}={pair.Value}")))));
}
