using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Kubernetes.Changes;
using RegistryMigration.Clusters.Kubernetes.Reading;
using RegistryMigration.Clusters.OpenShift.Reading;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.OpenShift.Changes;

/// <summary>Turns settings into the change of one configuration, and says what they lead to.</summary>
public sealed class SettingsChange
{
    private readonly List<string> _warnings = [];
    private readonly Resource _config;

    private SettingsChange(RegistrySettings settings, Resource config)
    {
        _config = config;
        Change = RegistryChange.OfRegistry(new RegistryRules { AllowRemoval = settings.Force }, config);
        AddOperation(settings);
        AddLimits("read", settings.Read);
        AddLimits("write", settings.Write);
        AddRoutes(settings);
        AddPlacement(settings);
        var storage = StorageReader.Read(config.Section("spec", "storage"));
        AddStorage(BackendKind.S3, settings.S3, storage, settings.Force);
        AddStorage(BackendKind.Swift, settings.Swift, storage, settings.Force);
        if (settings.StorageManagementState is { } state)
            AddStorageState(state, storage);
    }

    /// <summary>The change.</summary>
    public ConfigChange Change { get; }

    /// <summary>What somebody who makes this change should know.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>Makes the change for a configuration.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="config">The configuration as it is; where it is another one by the time of the change, only foreign fields may differ.</param>
    /// <exception cref="FormatException">Settings make no sense together.</exception>
    /// <exception cref="ClusterException"><see cref="ClusterErrorKind.Precondition"/>: they do not fit the storage that is configured.</exception>
    public static SettingsChange Of(RegistrySettings settings, Resource config)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(config);
        return new SettingsChange(settings, config);
    }

    private void AddOperation(RegistrySettings settings)
    {
        if (settings.ManagementState is { } state)
            Change.Set(state, "managementState");
        if (settings.Replicas is { } replicas)
            Change.Set(replicas, "replicas");
        if (settings.Replicas == 0)
            _warnings.Add("Without replicas nothing can be pushed or pulled, and the clusteroperator will be degraded after some minutes.");
        AddText(settings.RolloutStrategy, "rolloutStrategy");
        AddText(settings.ProxyHttp, "proxy", "http");
        AddText(settings.ProxyHttps, "proxy", "https");
        AddText(settings.NoProxy, "proxy", "noProxy");
        AddText(settings.LogLevel, "logLevel");
        AddText(settings.OperatorLogLevel, "operatorLogLevel");
        if (settings.DisableRedirect is { } disable)
            Change.Set(disable, "disableRedirect");
        if (settings.DefaultRoute is { } route)
            Change.Set(route, "defaultRoute");
    }

    private void AddLimits(string kind, RequestLimitSettings limits)
    {
        if (limits.MaxRunning is { } running)
            Change.Set(running, "requests", kind, "maxRunning");
        if (limits.MaxInQueue is { } queued)
            Change.Set(queued, "requests", kind, "maxInQueue");
        if (limits.MaxWaitInQueue is not { } wait)
            return;
        // The same duration can be written in several ways: 2m and 2m0s.
        if (GoDuration.Parse(_config.Text("spec", "requests", kind, "maxWaitInQueue")) != wait)
            Change.Set(GoDuration.Format(wait), "requests", kind, "maxWaitInQueue");
        if ((limits.MaxRunning ?? _config.Number("spec", "requests", kind, "maxRunning") ?? 0) == 0 && (limits.MaxInQueue ?? _config.Number("spec", "requests", kind, "maxInQueue") ?? 0) == 0)
            _warnings.Add($"The time to wait for {kind} requests has no effect while neither their number nor their queue is limited.");
    }

    private void AddRoutes(RegistrySettings settings)
    {
        if (settings.Routes.Count == 0 && settings.RemovedRoutes.Count == 0)
            return;
        var routes = _config.Items("spec", "routes").Select(route => (JsonObject)route.DeepClone()).ToList();
        foreach (var name in settings.RemovedRoutes)
        {
            if (routes.RemoveAll(route => NameOf(route) == name) == 0)
                _warnings.Add($"There is no custom route '{name}' to remove.");
        }

        foreach (var route in settings.Routes)
        {
            // pkg/operator/complete.go, verifyResource.
            if (route.Name == ImageRegistryNames.DefaultRoute)
                throw new FormatException($"A custom route can't be called {ImageRegistryNames.DefaultRoute}: the operator refuses the whole configuration. Use -DefaultRoute for that one, or another name.");
            var json = new JsonObject { ["name"] = route.Name };
            if (route.Host is not null)
                json["hostname"] = route.Host;
            if (route.CertificateSecret is not null)
                json["secretName"] = route.CertificateSecret;
            var place = routes.FindIndex(there => NameOf(there) == route.Name);
            if (place < 0)
                routes.Add(json);
            else
                routes[place] = json;
        }

        if (settings.Routes.GroupBy(route => route.Name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new FormatException($"The route '{twice.Key}' is given twice.");
        Change.Set(routes.Count == 0 ? null : new JsonArray([.. routes]), "routes");
    }

    private void AddPlacement(RegistrySettings settings)
    {
        if (settings.NodeSelector is { } selector)
            Change.Set(selector.Count == 0 ? null : new JsonObject(selector.Select(label => KeyValuePair.Create(label.Key, (JsonNode?)label.Value))), "nodeSelector");
        if (settings.Tolerations is { } tolerations)
            Change.Set(tolerations.Count == 0 ? null : new JsonArray([.. tolerations.Select(toleration => toleration.ToJson())]), "tolerations");
    }

    private void AddStorage(BackendKind kind, IReadOnlyDictionary<string, JsonNode?> given, ImageRegistryStorage storage, bool force)
    {
        if (given.Count == 0)
            return;
        if (storage.Kind != kind && storage.Kind != BackendKind.None)
        {
            throw Refused(
                $"The registry keeps its images on {storage}. {kind} settings would be a second storage type, which the operator refuses, and its images would stay behind. "
                + "Copy them with Sync-RegistryBlobs and use Switch-RegistryBackend.");
        }

        var field = Backends.FieldOf(kind);
        var locationField = Backends.LocationFieldOf(kind)!;
        if (storage.Location is { } old && given.TryGetValue(locationField, out var location) && (string?)location != old)
        {
            var text = $"The images are in {old}; the registry would not find them in {location ?? "another place"}.";
            if (!force)
                throw Refused($"{text} Copy them with Sync-RegistryBlobs and use Switch-RegistryBackend, or repeat with -Force to leave them behind.");
            _warnings.Add(text);
        }

        if (storage.Kind == BackendKind.None && given.Values.All(value => value is null))
            return;
        foreach (var (name, value) in given)
            Change.Set(value, "storage", field, name);
    }

    private void AddStorageState(string state, ImageRegistryStorage storage)
    {
        Change.Set(state, "storage", "managementState");
        if (state == "Managed" && storage.ManagementState != "Managed")
            _warnings.Add($"The operator owns {storage} from now on: removing the registry, or deleting its configuration, deletes all images.");
    }

    private void AddText(string? value, params string[] path)
    {
        if (value is not null)
            Change.Set(value.Length == 0 ? null : value, path);
    }

    private static string? NameOf(JsonObject route) => JsonText.ObjectOf(route).Text("name");

    private static ClusterException Refused(string message) =>
        new(ClusterErrorKind.Precondition, message + " Nothing was changed.") { Target = $"{OpenShiftTypes.Configs}/{ImageRegistryNames.Config}" };
}
