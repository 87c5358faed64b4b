using System.Text;
using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Migrations;
using RegistryMigration.Clusters.Quay;
using RegistryMigration.Clusters.Tests.Support;
using RegistryMigration.Model;
using QuayConfig = RegistryMigration.Clusters.Quay.Configuration.QuayConfig;

namespace RegistryMigration.Clusters.Tests.Quay.Steps;

/// <summary>A Quay in a cluster in memory, whose operator renders at once what the QuayRegistry asks for, or blocks the roll-out as the real one does.</summary>
internal sealed class OperatedWorld : QuaySteps
{
    public const string Namespace = SampleQuay.Namespace;
    public const string Name = "registry";
    public const string FirstBundle = "config-bundle";
    public const string SecretText = "postgresql://quay:hush@db/quay";

    private readonly Dictionary<string, string> _rendered = [];
    private readonly List<string> _names = [];

    public FakeKubernetes Cluster { get; } = new();

    /// <summary>Whether the operator acts.</summary>
    public bool OperatorWorks { get; set; } = true;

    /// <summary>Whether Quay starts with a configuration; else its new pods end again and again beside the old ones.</summary>
    public Func<QuayConfig, bool> Starts { get; set; } = _ => true;

    /// <summary>What the serving pods run with.</summary>
    public override QuayConfig? Running => Pods().Where(pod => !IsCrashed(pod)).Select(pod => _rendered.GetValueOrDefault(QuaySources.RenderedOf(pod, Name) ?? "")).OfType<string>().Select(QuayConfig.Parse).LastOrDefault();

    public Resource Registry => Cluster.Peek(QuayTypes.QuayRegistries, Namespace, Name)!;

    public string Spec => Registry.Section("spec")!.ToJsonString();

    public string? Bundle => Registry.Text("spec", "configBundleSecret");

    /// <summary>The bundles that this migration made.</summary>
    public IReadOnlyList<Resource> Made => [.. Cluster.Changes.Where(request => request is { Verb: "create" } && request.Type == ResourceTypes.Secrets).Select(request => request.Name!).Distinct().Select(name => Cluster.Peek(ResourceTypes.Secrets, Namespace, name)).OfType<Resource>().Where(secret => secret.Text("metadata", "labels", "app.kubernetes.io/managed-by") == "registry-migration")];

    /// <summary>A world with its migration begun.</summary>
    /// <param name="managed">Whether the operator owns the storage.</param>
    /// <param name="components">The components; null is what the operator writes itself.</param>
    /// <param name="version">The version of Quay.</param>
    public static async Task<OperatedWorld> CreateAsync(bool managed = false, string? components = null, string version = "3.13.1")
    {
        var world = new OperatedWorld();
        var storage = managed ? """{"kind":"objectstorage","managed":true,"overrides":{"volumeSize":"50Gi"}}""" : """{"kind":"objectstorage","managed":false}""";
        components ??= $$$"""[{"kind":"quay","managed":true,"overrides":{"replicas":2}},{"kind":"postgres","managed":false},{{{storage}}},{"kind":"route","managed":true}]""";
        world.Cluster.Put(QuayTypes.QuayRegistries, Namespace, Name, $$$"""{"spec":{"configBundleSecret":"{{{FirstBundle}}}","components":{{{components}}} },"status":{"currentVersion":"{{{version}}}","registryEndpoint":"https://quay.test"} }""");
        world.Cluster.Put(new ResourceType("objectbucket.io", "v1alpha1", "objectbucketclaims", "ObjectBucketClaim"), Namespace, "datastore", "{}");
        world.PutBundle(FirstBundle, $"# of the build team\nSERVER_HOSTNAME: quay.test\nDB_URI: {SecretText}   # hidden\n" + (managed ? "" : $"DISTRIBUTED_STORAGE_CONFIG:\n  default: # since 2021\n  - LocalStorage\n  - storage_path: {world.Old}\nDISTRIBUTED_STORAGE_PREFERENCE: [default]\n"));
        world.Reconcile();
        world.Cluster.After = request =>
        {
            if (world.OperatorWorks && request.Changes && request.Type == QuayTypes.QuayRegistries)
                world.Reconcile();
            return Task.CompletedTask;
        };
        await world.BeginAsync(Name, null);
        return world;
    }

    public override StepContext Context(RegistryMigrationInfo info) => new(info with { Namespace = Namespace }, Cluster, Clock, Timeout, Listener());

    public void PutBundle(string name, string config) => Cluster.Put(ResourceTypes.Secrets, Namespace, name, new JsonObject
    {
        ["data"] = new JsonObject { [QuayTypes.ConfigKey] = Convert.ToBase64String(Encoding.UTF8.GetBytes(config)), ["ssl.key"] = Convert.ToBase64String("a key of TLS"u8) },
    });

    /// <summary>A file of a bundle.</summary>
    public string? File(string bundle, string name = QuayTypes.ConfigKey) => Cluster.Peek(ResourceTypes.Secrets, Namespace, bundle)?.Text("data", name) is { } data ? Encoding.UTF8.GetString(Convert.FromBase64String(data)) : null;

    /// <summary>Somebody points the QuayRegistry elsewhere.</summary>
    public void Point(string bundle)
    {
        Cluster.Edit(QuayTypes.QuayRegistries, Namespace, Name, registry => registry["spec"]!["configBundleSecret"] = bundle);
        Reconcile();
    }

    /// <summary>Somebody gives the storage to the operator.</summary>
    public void Own()
    {
        Cluster.Edit(QuayTypes.QuayRegistries, Namespace, Name, registry => registry["spec"]!["components"]!.AsArray().First(component => (string?)component!["kind"] == QuayTypes.ObjectStorage)!["managed"] = true);
        Reconcile();
    }

    /// <summary>What the operator, the deployment controller and the kubelet do together.</summary>
    public void Reconcile()
    {
        var storage = Registry.Items("spec", "components").FirstOrDefault(component => (string?)component["kind"] == QuayTypes.ObjectStorage);
        var managed = (bool?)storage?["managed"] ?? true;
        if (File(Bundle!) is not { } text)
        {
            Block($"unable to get `configBundleSecret`: Secret \"{Bundle}\" not found");
            return;
        }

        var names = QuayConfig.Parse(text).At("DISTRIBUTED_STORAGE_CONFIG") is not null;
        if (managed == names)
        {
            Block(managed ? "objectstorage component marked as managed, but `configBundleSecret` contains required fields" : "required component `objectstorage` marked as unmanaged, but `configBundleSecret` is missing necessary fields");
            return;
        }

        Block(null);
        Render(managed ? text + $"DISTRIBUTED_STORAGE_CONFIG: {{local_us: [LocalStorage, {{storage_path: {Old}}}]}}\nDISTRIBUTED_STORAGE_PREFERENCE: [local_us]\nDISTRIBUTED_STORAGE_DEFAULT_LOCATIONS: [local_us]\nFEATURE_PROXY_STORAGE: true\n" : text);
    }

    /// <summary>A pod that runs with a rendered configuration.</summary>
    public void PutPod(string name, string rendered, bool crashed = false)
    {
        _names.Add(name);
        Cluster.Put(ResourceTypes.Pods, Namespace, name, new JsonObject
        {
            ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["quay-component"] = "quay-app" } },
            ["spec"] = PodSpec(rendered),
            ["status"] = crashed
                ? JsonNode.Parse("""{"phase":"Running","containerStatuses":[{"name":"quay-app","restartCount":3,"state":{"waiting":{"reason":"CrashLoopBackOff"}}}]}""")
                : new JsonObject { ["phase"] = "Running" },
        });
    }

    private static JsonObject PodSpec(string rendered) => new()
    {
        ["containers"] = new JsonArray(new JsonObject { ["name"] = "quay-app" }),
        ["volumes"] = new JsonArray(new JsonObject { ["name"] = "config", ["projected"] = new JsonObject { ["sources"] = new JsonArray(new JsonObject { ["secret"] = new JsonObject { ["name"] = rendered } }) } }),
    };

    private void Block(string? message) => Cluster.Edit(QuayTypes.QuayRegistries, Namespace, Name, registry => registry["status"]!["conditions"] = new JsonArray(new JsonObject
    {
        ["type"] = "RolloutBlocked",
        ["status"] = message is null ? "False" : "True",
        ["reason"] = "ConfigInvalid",
        ["message"] = message ?? "",
    }));

    private void Render(string text)
    {
        var rendered = $"{QuayTypes.RenderedPrefixOf(Name)}-{Digest.OfSha256(Encoding.UTF8.GetBytes(text)).Hex[..10]}";
        _rendered[rendered] = text;
        PutBundle(rendered, text);
        var good = Starts(QuayConfig.Parse(text));
        Cluster.Put(ResourceTypes.Deployments, Namespace, QuayTypes.DeploymentOf(Name), new JsonObject
        {
            ["spec"] = new JsonObject
            {
                ["replicas"] = 2,
                ["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["quay-component"] = "quay-app" } },
                ["template"] = new JsonObject { ["spec"] = PodSpec(rendered) },
            },
        });
        Cluster.Edit(ResourceTypes.Deployments, Namespace, QuayTypes.DeploymentOf(Name), deployment => deployment["status"] = new JsonObject
        {
            ["observedGeneration"] = deployment["metadata"]!["generation"]!.DeepClone(),
            ["replicas"] = good ? 2 : 3,
            ["updatedReplicas"] = good ? 2 : 1,
            ["availableReplicas"] = 2,
        });
        // A pod that crashes stays until a configuration comes with which it is not needed; the old ones serve on.
        foreach (var pod in Pods().Where(pod => good || IsCrashed(pod)))
            Cluster.Take(ResourceTypes.Pods, Namespace, pod.Name);
        for (var pod = 0; pod < (good ? 2 : 1); pod++)
            PutPod($"registry-quay-app-{_names.Count}", rendered, crashed: !good);
    }

    private static bool IsCrashed(Resource pod) => pod.Items("status", "containerStatuses").Any();

    // Looked at beside the requests, which a test may cut.
    private IReadOnlyList<Resource> Pods() => [.. _names.Select(pod => Cluster.Peek(ResourceTypes.Pods, Namespace, pod)).OfType<Resource>()];
}
