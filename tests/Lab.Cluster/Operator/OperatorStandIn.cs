using System.Net;
using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;

namespace RegistryMigration.Lab.Cluster;

/// <summary>Does with <c>configs.imageregistry/cluster</c> what the image registry operator does, and some of what it does on a bad day.</summary>
public sealed class OperatorStandIn : IAsyncDisposable
{
    /// <summary>The field <c>data.mode</c> of this ConfigMap sets the mode from outside of the process.</summary>
    public const string ModeMap = $"/api/v1/namespaces/{Names.Namespace}/configmaps/registry-lab-operator";

    private static readonly TimeSpan SlowFor = TimeSpan.FromSeconds(3);

    private readonly KubeApi _api;
    private readonly RegistryResources _resources;
    private readonly Background _loops = new();
    private (long Generation, long Since) _seen;
    private (long Generation, JsonObject Spec)? _ownCopy;
    private string? _readyAfter;
    private bool _dropped;

    private OperatorStandIn(LabState lab, OperatorModes mode)
    {
        _api = new KubeApi(lab.Kube);
        _resources = new RegistryResources(_api, lab);
        Mode = mode;
    }

    /// <summary>What goes wrong, from the next reconciliation on.</summary>
    public OperatorModes Mode { get; set; }

    /// <summary>Begins.</summary>
    public static OperatorStandIn Start(LabState lab, OperatorModes mode = OperatorModes.None)
    {
        ArgumentNullException.ThrowIfNull(lab);
        var standIn = new OperatorStandIn(lab, mode);
        standIn._loops.Repeat("operator", TimeSpan.FromMilliseconds(150), standIn.SyncAsync);
        standIn._loops.Repeat("conflict", TimeSpan.FromMilliseconds(20), standIn.DisturbAsync);
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
        var mode = Mode;
        if (mode.HasFlag(OperatorModes.Stuck) || await _api.FindAsync(Names.Config, cancellationToken) is not { } config)
            return;
        if (config.Text("metadata", "deletionTimestamp") is not null)
        {
            await FinalizeAsync(config, cancellationToken);
            return;
        }
        if (IsTooSlow(config, mode))
            return;
        if (mode.HasFlag(OperatorModes.DropEdits) && await DropEditAsync(config, cancellationToken))
            return;
        _dropped &= mode.HasFlag(OperatorModes.DropEdits);
        await TellReadinessAsync(mode, cancellationToken);
        await ReconcileAsync(config, mode, cancellationToken);
        await SyncClusterOperatorAsync(mode, cancellationToken);
    }

    private async Task ReconcileAsync(Resource config, OperatorModes mode, CancellationToken cancellationToken)
    {
        var spec = (JsonObject)config.Section("spec")!.DeepClone();
        var status = config.Section("status")?.DeepClone() as JsonObject ?? [];
        var conditions = new Conditions(config.Items("status", "conditions"));
        var state = spec["managementState"]?.GetValue<string>() ?? "Managed";
        OperatorException? failure = null;
        try
        {
            if (state == "Removed")
                await _resources.RemoveAsync(spec, status, conditions, cancellationToken);
            else if (state == "Managed")
                await _resources.ApplyAsync(spec, status, conditions, mode, cancellationToken);
        }
        catch (OperatorException e)
        {
            failure = e;
        }
        var deployment = await _api.FindAsync(Names.Deployment, cancellationToken);
        ConfigStatus.Set(conditions, state, deployment, failure);
        var generation = await WriteSpecAsync(config, spec, mode, cancellationToken);
        status["conditions"] = conditions.ToJson();
        status["observedGeneration"] = generation;
        status["readyReplicas"] = deployment?.Number("status", "readyReplicas") ?? 0;
        status["version"] = "4.16.0";
        status["storage"] ??= new JsonObject();
        status["storageManaged"] ??= false;
        if (!JsonNode.DeepEquals(status, config.Section("status")))
            await _api.SetAsync(Names.Config + "/status", "/status", status, cancellationToken);
        _ownCopy = (generation, spec);
    }

    // The finalizer, and what was decided on the way; in mode write-back also defaults that nobody asked for.
    private async Task<long> WriteSpecAsync(Resource config, JsonObject spec, OperatorModes mode, CancellationToken cancellationToken)
    {
        if (mode.HasFlag(OperatorModes.WriteBack))
        {
            spec["operatorLogLevel"] ??= "Normal";
            spec["httpSecret"] ??= "written-by-the-operator";
            spec["observedConfig"] ??= new JsonObject { ["servingInfo"] = new JsonObject { ["minTLSVersion"] = "VersionTLS12" } };
        }
        var finalizers = config.Items("metadata", "finalizers").Select(name => name.GetValue<string>()).ToList();
        if (finalizers.Contains(Names.Finalizer) && JsonNode.DeepEquals(spec, config.Section("spec")))
            return config.Generation;
        var changed = (JsonObject)config.Json.DeepClone();
        changed["spec"] = spec.DeepClone();
        changed["metadata"]!["finalizers"] = new JsonArray([.. finalizers.Append(Names.Finalizer).Distinct().Select(name => (JsonNode)name)]);
        return (await _api.ReplaceAsync(Names.Config, changed, cancellationToken)).Generation;
    }

    private async Task FinalizeAsync(Resource config, CancellationToken cancellationToken)
    {
        if (!config.Items("metadata", "finalizers").Any(name => name.GetValue<string>() == Names.Finalizer))
            return;
        var spec = (JsonObject)config.Section("spec")!.DeepClone();
        await _resources.RemoveAsync(spec, config.Section("status")?.DeepClone() as JsonObject ?? [], new Conditions([]), cancellationToken);
        await _api.MergeAsync(Names.Config, new JsonObject { ["metadata"] = new JsonObject { ["finalizers"] = new JsonArray() } }, cancellationToken);
    }

    private async Task SyncClusterOperatorAsync(OperatorModes mode, CancellationToken cancellationToken)
    {
        if (await _api.FindAsync(Names.Config, cancellationToken) is not { } config)
            return;
        var pruner = await _api.FindAsync(Names.Pruner, cancellationToken);
        var prunerConditions = new Conditions(pruner?.Items("status", "conditions") ?? []);
        if (pruner is not null)
        {
            SetPruner(prunerConditions, pruner, mode);
            var status = new JsonObject { ["observedGeneration"] = pruner.Generation, ["conditions"] = prunerConditions.ToJson() };
            if (!JsonNode.DeepEquals(status, pruner.Section("status")))
                await _api.SetAsync(Names.Pruner + "/status", "/status", status, cancellationToken);
        }
        if (await _api.FindAsync(Names.ClusterOperator, cancellationToken) is not { } cluster)
            return;
        var union = ClusterOperatorStatus.Of(cluster.Items("status", "conditions"), new Conditions(config.Items("status", "conditions")).All, prunerConditions.All);
        if (!JsonNode.DeepEquals(union, cluster.Section("status")))
            await _api.SetAsync(Names.ClusterOperator + "/status", "/status", union, cancellationToken);
    }

    private static void SetPruner(Conditions conditions, Resource pruner, OperatorModes mode)
    {
        var failed = mode.HasFlag(OperatorModes.PrunerDegraded);
        var suspended = pruner.Flag("spec", "suspend") == true;
        conditions.Set("Available", "True", "AsExpected", "Pruner CronJob has been created");
        conditions.Set("Failed", failed ? "True" : "False", failed ? "BackoffLimitExceeded" : "Complete", failed ? "Job has reached the specified backoff limit" : "Pruner completed successfully");
        conditions.Set("Scheduled", suspended ? "False" : "True", suspended ? "Suspended" : "Scheduled", suspended ? "The pruner job has been suspended" : "The pruner job has been scheduled");
        conditions.Set("Degraded", failed ? "True" : "False", failed ? "JobFailed" : "AsExpected", failed ? "Job has reached the specified backoff limit" : "");
    }

    // Meanwhile the status of the old generation stands, healthy as it was.
    private bool IsTooSlow(Resource config, OperatorModes mode)
    {
        if (_seen.Generation != config.Generation)
            _seen = (config.Generation, TimeProvider.System.GetTimestamp());
        return mode.HasFlag(OperatorModes.Slow) && config.Number("status", "observedGeneration") != config.Generation && TimeProvider.System.GetElapsedTime(_seen.Since) < SlowFor;
    }

    // What it read before wins over what somebody wrote since: once, or nobody would ever get anything through.
    private async Task<bool> DropEditAsync(Resource config, CancellationToken cancellationToken)
    {
        if (_dropped || _ownCopy is not { } own || own.Generation >= config.Generation || JsonNode.DeepEquals(own.Spec, config.Section("spec")))
            return false;
        var changed = (JsonObject)config.Json.DeepClone();
        changed["spec"] = own.Spec.DeepClone();
        changed["spec"]!["managementState"] = config.At("spec", "managementState")?.DeepClone();
        await _api.ReplaceAsync(Names.Config, changed, cancellationToken);
        _dropped = true;
        return true;
    }

    private async Task TellReadinessAsync(OperatorModes mode, CancellationToken cancellationToken)
    {
        var after = mode.HasFlag(OperatorModes.NeverReady) ? "never" : mode.HasFlag(OperatorModes.Slow) ? "3" : "0";
        if (after == _readyAfter)
            return;
        await _api.MergeAsync($"/api/v1/namespaces/{Names.Namespace}", new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [Names.ReadyAfter] = after } } }, cancellationToken);
        _readyAfter = after;
    }

    private async Task DisturbAsync(CancellationToken cancellationToken)
    {
        if (!Mode.HasFlag(OperatorModes.Conflict))
            return;
        try
        {
            await _api.MergeAsync(Names.Config, new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { ["registry-lab/disturbed"] = $"{TimeProvider.System.GetTimestamp()}" } } }, cancellationToken);
        }
        catch (KubeApiException e) when (e.Status == HttpStatusCode.NotFound)
        {
            // There is no Config now.
        }
    }
}
