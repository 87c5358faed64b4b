using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Kubernetes.Changes;
using RegistryMigration.Clusters.Kubernetes.Reading;
using RegistryMigration.Clusters.OpenShift.Reading;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.OpenShift.Convergence;

/// <summary>What has to be true before a change of the registry counts as done. Everything that is left out is not waited for.</summary>
public sealed record RegistryExpectation
{
    /// <summary>The operator has worked on this generation of the configuration, or a later one.</summary>
    public long Generation { get; init; }

    /// <summary>Managed (the default), Unmanaged or Removed: decides what an operator at rest looks like.</summary>
    public string ManagementState { get; init; } = "Managed";

    /// <summary>The storage: kind, location and every setting given here are in the status, and the deployment uses them.</summary>
    public ImageRegistryStorage? Storage { get; init; }

    /// <summary>Pods.</summary>
    public int? Replicas { get; init; }

    /// <summary>RollingUpdate or Recreate.</summary>
    public string? RolloutStrategy { get; init; }

    /// <summary>Whether writes are refused.</summary>
    public bool? ReadOnly { get; init; }

    /// <summary>Environment variables of the deployment by name; a null value means that there is none.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>Node labels that the deployment's template asks for.</summary>
    public IReadOnlyDictionary<string, string> NodeSelector { get; init; } = new Dictionary<string, string>();

    /// <summary>Fields of the configuration that have to stay as they are; one that changes ends the wait.</summary>
    public IReadOnlyList<ConfigField> Fields { get; init; } = [];

    /// <summary>Routes that have to be there.</summary>
    public IReadOnlyList<string> Routes { get; init; } = [];

    /// <summary>What to wait for after a change.</summary>
    public static RegistryExpectation Of(ConfigOutcome outcome)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        return Of(outcome.After) with { Fields = outcome.Fields };
    }

    /// <summary>All that a configuration asks for.</summary>
    /// <param name="config">The configuration as it was stored last.</param>
    public static RegistryExpectation Of(Resource config)
    {
        ArgumentNullException.ThrowIfNull(config);
        var storage = StorageReader.Read(config.Section("spec", "storage"));
        return new RegistryExpectation
        {
            Generation = config.Generation,
            ManagementState = config.Text("spec", "managementState") ?? "Managed",
            Storage = storage.Kind == BackendKind.None ? null : storage,
            Replicas = (int?)config.Number("spec", "replicas"),
            RolloutStrategy = config.Text("spec", "rolloutStrategy") is { Length: > 0 } strategy ? strategy : null,
            ReadOnly = config.Flag("spec", "readOnly") ?? false,
            Environment = Variables(config),
            NodeSelector = JsonText.Texts(config.Section("spec", "nodeSelector")),
            Routes = [.. RouteNames(config)],
        };
    }

    // pkg/resource/podtemplatespec.go: limits are in the environment when running or in-queue are set; all three of a kind together.
    private static Dictionary<string, string?> Variables(Resource config)
    {
        var variables = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var kind in (string[])["read", "write"])
        {
            var (running, queued) = (config.Number("spec", "requests", kind, "maxRunning") ?? 0, config.Number("spec", "requests", kind, "maxInQueue") ?? 0);
            if (running == 0 && queued == 0)
                continue;
            var prefix = $"REGISTRY_OPENSHIFT_REQUESTS_{kind.ToUpperInvariant()}_";
            variables[prefix + "MAXRUNNING"] = $"{running}";
            variables[prefix + "MAXINQUEUE"] = $"{queued}";
        }

        Add("HTTP_PROXY", config.Text("spec", "proxy", "http"));
        Add("HTTPS_PROXY", config.Text("spec", "proxy", "https"));
        Add("NO_PROXY", config.Text("spec", "proxy", "noProxy"));
        if (config.Flag("spec", "disableRedirect") == true)
            variables["REGISTRY_STORAGE_REDIRECT_DISABLE"] = "true";
        return variables;

        // What is not set here comes from the cluster's proxy, whatever that is.
        void Add(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
                variables[name] = value;
        }
    }

    private static IEnumerable<string> RouteNames(Resource config)
    {
        if (config.Flag("spec", "defaultRoute") == true)
            yield return ImageRegistryNames.DefaultRoute;
        foreach (var route in config.Items("spec", "routes"))
        {
            if (route is JsonObject section && section["name"] is JsonValue name)
                yield return JsonText.Show(name);
        }
    }
}
