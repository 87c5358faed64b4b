using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;

namespace RegistryMigration.Lab.Cluster;

/// <summary>Does with every QuayRegistry what the operator of Quay does: controllers/quay/quayregistry_controller.go.</summary>
public sealed class QuayOperatorStandIn : IAsyncDisposable
{
    /// <summary>The field <c>data.mode</c> of this ConfigMap sets the mode from outside of the process.</summary>
    public const string ModeMap = "/api/v1/namespaces/default/configmaps/quay-lab-operator";

    private static readonly TimeSpan SlowFor = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Blocked = TimeSpan.FromSeconds(3);

    private readonly KubeApi _api;
    private readonly LabState _lab;
    private readonly QuayResources _resources;
    private readonly TimeSpan _requeue;
    private readonly Background _loops = new();
    private readonly Dictionary<string, (long Generation, long Deployment, long At, bool Ok)> _done = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (long Generation, long Since)> _seen = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _readyAfter = new(StringComparer.Ordinal);

    private QuayOperatorStandIn(LabState lab, OperatorModes mode, TimeSpan requeue)
    {
        _lab = lab;
        _api = new KubeApi(lab.Kube);
        _resources = new QuayResources(_api, lab);
        _requeue = requeue;
        Mode = mode;
    }

    /// <summary>What goes wrong, from the next reconciliation on: slow, stuck, never-ready.</summary>
    public OperatorModes Mode { get; set; }

    /// <summary>Begins.</summary>
    /// <param name="lab">A lab in which <c>openshift</c> runs.</param>
    /// <param name="mode">What goes wrong.</param>
    /// <param name="requeue">When it looks again where nothing it watches has changed, such as after an edit of the bundle in place; a minute there, half of one here.</param>
    public static QuayOperatorStandIn Start(LabState lab, OperatorModes mode = OperatorModes.None, TimeSpan? requeue = null)
    {
        ArgumentNullException.ThrowIfNull(lab);
        var standIn = new QuayOperatorStandIn(lab, mode, requeue ?? TimeSpan.FromSeconds(30));
        standIn._loops.Repeat("quay-operator", TimeSpan.FromMilliseconds(200), standIn.SyncAsync);
        return standIn;
    }

    /// <summary>Stops reconciling; what is there stays.</summary>
    public async ValueTask DisposeAsync()
    {
        await _loops.DisposeAsync();
        _api.Dispose();
    }

    private async Task SyncAsync(CancellationToken cancellationToken)
    {
        if (await _api.FindAsync(ModeMap, cancellationToken) is { } map)
            Mode = OperatorModeNames.Parse(map.Text("data", "mode") ?? "");
        if (Mode.HasFlag(OperatorModes.Stuck))
            return;
        foreach (var registry in await _api.ListAsync("/apis/quay.redhat.com/v1/quayregistries", cancellationToken))
        {
            if (registry.Text("metadata", "deletionTimestamp") is not null)
                continue;
            await TellReadinessAsync(registry.Namespace!, cancellationToken);
            var deployment = await _api.FindAsync(QuayNames.Deployment(registry.Namespace!, registry.Name), cancellationToken);
            var current = IsDue(registry, deployment) && !IsTooSlow(registry) ? await ReconcileAsync(registry, cancellationToken) : registry;
            await QuayRegistryStatus.WriteComponentsAsync(_api, current, cancellationToken);
        }
    }

    // It watches QuayRegistries and what it owns, by generation; a bundle that somebody else made is neither.
    private bool IsDue(Resource registry, Resource? deployment) => !_done.TryGetValue(registry.Uid!, out var done)
        || done.Generation != registry.Generation || done.Deployment != (deployment?.Generation ?? 0)
        || TimeProvider.System.GetElapsedTime(done.At) >= (done.Ok ? _requeue : Blocked);

    private bool IsTooSlow(Resource registry)
    {
        if (!Mode.HasFlag(OperatorModes.Slow))
            return false;
        if (!_seen.TryGetValue(registry.Uid!, out var seen) || seen.Generation != registry.Generation)
            _seen[registry.Uid!] = seen = (registry.Generation, TimeProvider.System.GetTimestamp());
        return TimeProvider.System.GetElapsedTime(seen.Since) < SlowFor;
    }

    private async Task<Resource> ReconcileAsync(Resource registry, CancellationToken cancellationToken)
    {
        if (await AddDefaultsAsync(registry, cancellationToken) is { } changed)
            return changed;
        var (reason, message) = await TryAsync(registry, cancellationToken);
        var path = QuayNames.Registry(registry.Namespace!, registry.Name);
        var written = await QuayRegistryStatus.WriteRolloutAsync(_api, await _api.GetAsync(path, cancellationToken), registry.Generation, reason, message, cancellationToken);
        var deployment = await _api.FindAsync(QuayNames.Deployment(registry.Namespace!, registry.Name), cancellationToken);
        _done[registry.Uid!] = (registry.Generation, deployment?.Generation ?? 0, TimeProvider.System.GetTimestamp(), reason is null);
        return written;
    }

    // Reason and message of what blocks the rollout; the endpoint where nothing does.
    private async Task<(string? Reason, string Message)> TryAsync(Resource registry, CancellationToken cancellationToken)
    {
        var name = registry.Text("spec", "configBundleSecret") ?? "";
        if (await _api.FindAsync($"{QuayNames.Secrets(registry.Namespace!)}/{name}", cancellationToken) is not { } secret || name.Length == 0)
            return ("ConfigInvalid", $"unable to get `configBundleSecret`: Secret \"{name}\" not found");
        try
        {
            var bundle = new QuayBundle(PodVolumes.Data(secret, secret: true));
            if (bundle.Objection(registry.Items("spec", "components")) is { } objection)
                return ("ConfigInvalid", objection);
            await _resources.ApplyAsync(registry, bundle, cancellationToken);
            return (null, $"https://{bundle.Hostname ?? $"127.0.0.1:{_lab.OpenShift.QuayPort}"}");
        }
        catch (Exception e) when (e is YamlDotNet.Core.YamlException or InvalidCastException)
        {
            return ("ConfigInvalid", $"unable to parse SERVER_HOSTNAME from config: {e.Message}");
        }
        catch (OperatorException e)
        {
            return ("ObjectStorageComponentDependencyError", e.Message);
        }
    }

    // EnsureDefaultComponents: what the administrator does not name is managed.
    private async Task<Resource?> AddDefaultsAsync(Resource registry, CancellationToken cancellationToken)
    {
        string[] all = ["quay", "postgres", "clair", "redis", "horizontalpodautoscaler", "objectstorage", "route", "mirror", "monitoring", "tls", "clairpostgres"];
        var components = new JsonArray([.. registry.Items("spec", "components").Select(component => component.DeepClone())]);
        foreach (var kind in all.Where(kind => components.All(component => component!["kind"]!.ToString() != kind)))
            components.Add(new JsonObject { ["kind"] = kind, ["managed"] = true });
        if (components.Count == registry.Items("spec", "components").Count())
            return null;
        return await _api.MergeAsync(QuayNames.Registry(registry.Namespace!, registry.Name), new JsonObject { ["spec"] = new JsonObject { ["components"] = components } }, cancellationToken);
    }

    private async Task TellReadinessAsync(string space, CancellationToken cancellationToken)
    {
        var after = Mode.HasFlag(OperatorModes.NeverReady) ? "never" : Mode.HasFlag(OperatorModes.Slow) ? "3" : "0";
        if (_readyAfter.GetValueOrDefault(space) == after)
            return;
        await _api.MergeAsync($"/api/v1/namespaces/{space}", new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [Names.ReadyAfter] = after } } }, cancellationToken);
        _readyAfter[space] = after;
    }
}
