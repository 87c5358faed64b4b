using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Kubernetes.Changes;
using RegistryMigration.Clusters.Migrations;
using RegistryMigration.Clusters.OpenShift.Changes;
using RegistryMigration.Clusters.OpenShift.Reading;
using RegistryMigration.Engine.Journal;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.OpenShift.Steps;

/// <summary>Makes the registry use another storage, in one change, and waits until every pod does.</summary>
/// <param name="id">The step's id.</param>
/// <param name="migration">The migration so far.</param>
/// <param name="target">The storage to switch to.</param>
/// <param name="request">How to switch.</param>
/// <param name="work">What to work with.</param>
public sealed class SwitchBackendStep(string id, RegistryMigrationInfo migration, BackendTarget target, SwitchRequest request, StepWork work) : IMigrationStep
{
    internal const string Storage = "storage";
    internal const string Replicas = "replicas";
    internal const string RolloutStrategy = "rolloutStrategy";
    private const string Forced = "forced";
    private const string Wanted = "wanted";
    private const string ClaimField = "claim";

    /// <inheritdoc />
    public string Id => id;

    /// <inheritdoc />
    public string Action => StepActions.SwitchBackend;

    /// <inheritdoc />
    public string Target => target.Storage.ToString();

    /// <summary>The claim that was in use before a switch; null where it was no claim.</summary>
    public static string? ClaimBefore(MigrationStep step) => step?.Before?[ClaimField] is JsonValue value && value.TryGetValue<string>(out var claim) ? claim : null;

    /// <inheritdoc />
    public async Task<JsonObject> CaptureAsync(CancellationToken cancellationToken)
    {
        var config = await work.ReadManagedAsync(cancellationToken);
        var registry = await ImageRegistryReader.ReadAsync(work.Client, cancellationToken);
        if (IsOn(target.Storage, registry.Storage))
            throw StepWork.Refused($"The registry uses {target.Storage} already. There is nothing to switch.");
        // Where the administrator's secret could be read, the cloud's can be as well.
        var cloudSecret = registry.Credentials.IsKnown ? await work.Client.FindAsync(ResourceTypes.Secrets, ImageRegistryNames.Namespace, ImageRegistryNames.CloudSecret, cancellationToken) : null;
        if (BackendCredentials.ObstacleTo(target.Storage.Kind, registry.Credentials, cloudSecret) is { } obstacle)
            throw StepWork.Refused(obstacle);
        var wanted = await ShapeAsync(config, cancellationToken);
        var missing = Missing(config);
        if (missing.Count > 0 && !request.Force)
            throw StepWork.Refused($"The registry may not be switched to {target.Storage} yet: {string.Join("; ", missing)}. Nothing was changed. -Force switches nevertheless, and images may be lost.");
        var record = SpecFields.Record(config, Storage, RolloutStrategy, Replicas, ReadOnlyGate.ReadOnly);
        record[Wanted] = wanted;
        if (registry.Claim is { } claim)
            record[ClaimField] = claim.Name;
        if (missing.Count > 0)
            record[Forced] = string.Join("; ", missing);
        return record;
    }

    /// <inheritdoc />
    public async Task<StepResult> ApplyAsync(JsonObject before, CancellationToken cancellationToken)
    {
        var wanted = before[Wanted] as JsonObject ?? throw StepWork.Refused($"The step {id} recorded no storage to switch to. Undo the migration and begin anew.");
        var to = StorageReader.Read(wanted[Storage] as JsonObject);
        if (!IsOn(to, target.Storage))
            throw StepWork.Refused($"The switch that was begun goes to {to}, and not to {target.Storage}. Run it again with the same destination, or undo it first.");
        var from = StorageReader.Read(SpecFields.Recorded(before, Storage) as JsonObject);
        var config = await work.ChangeAsync(Change(before, wanted, from, to), cancellationToken);
        var deployment = DeploymentReader.Read(await work.Client.GetAsync(ResourceTypes.Deployments, ImageRegistryNames.Namespace, ImageRegistryNames.Deployment, cancellationToken))!;
        return new StepResult(
            FormattableString.Invariant($"{deployment.Available} of {deployment.Replicas} pods are available with {ImageRegistryNames.StorageVariable}={deployment.StorageDriver} on {deployment.StorageLocation ?? to.Location}; the operator is available, not degraded and at rest"),
            SpecFields.Record(config, Storage, RolloutStrategy, Replicas, ReadOnlyGate.ReadOnly),
            Forced: (string?)before[Forced]);
    }

    /// <summary>Whether two descriptions mean the same place, whatever else the operator has filled in.</summary>
    internal static bool IsOn(ImageRegistryStorage wanted, ImageRegistryStorage there) => wanted.Kind == there.Kind && wanted.Location == there.Location;

    private static ConfigChange Change(JsonObject before, JsonObject wanted, ImageRegistryStorage from, ImageRegistryStorage to)
    {
        var readOnly = SpecFields.Recorded(before, ReadOnlyGate.ReadOnly);
        return RegistryChange.OfRegistry()
            .When(config => RefuseOtherState(config, readOnly, from, to))
            .Set(wanted[RolloutStrategy]?.DeepClone(), RolloutStrategy)
            .Set(wanted[Replicas]?.DeepClone(), Replicas)
            .Set(wanted[Storage]?.DeepClone(), Storage);
    }

    // Checked in the very state that the patch is bound to.
    private static void RefuseOtherState(Resource config, JsonNode? readOnly, ImageRegistryStorage from, ImageRegistryStorage to)
    {
        var now = StorageReader.Read(config.Section("spec", Storage));
        if (!IsOn(from, now) && !IsOn(to, now))
            throw StepWork.Refused($"Somebody has changed the storage to {now} meanwhile; it was {from}. Look at it with Get-ImageRegistry, and undo the migration or change it back first.");
        if (!JsonNode.DeepEquals(config.At("spec", ReadOnlyGate.ReadOnly), readOnly))
            throw StepWork.Refused("Somebody has changed readOnly meanwhile, so writes may have been accepted. Run Set-RegistryReadOnly, Sync-RegistryBlobs and Test-RegistryStore again, then the switch.");
    }

    private List<string> Missing(Resource config)
    {
        var missing = CutOverGate.Missing(migration, target.Address ?? target.Storage.ToString(), pass => target.IsAt(pass.Destination)).ToList();
        if (config.Flag("spec", ReadOnlyGate.ReadOnly) != true)
            missing.Add("the registry is not read-only now: run Set-RegistryReadOnly, and then the last pass and the audit again");
        return missing;
    }

    private async Task<JsonObject> ShapeAsync(Resource config, CancellationToken cancellationToken)
    {
        var claim = target.Storage.Kind == BackendKind.Volume ? await ReadClaimAsync(cancellationToken) : null;
        var single = claim is { IsSingleNode: true };
        if (single && request.Replicas > 1)
            throw StepWork.Refused($"One node at a time can mount the claim {claim!.Name} ({string.Join(", ", claim.AccessModes)}), so {request.Replicas} replicas can't run. Leave -Replicas out.");
        var replicas = single ? request.Replicas ?? 1 : await ReplicasAsync(config, cancellationToken);
        return new JsonObject { [RolloutStrategy] = single ? "Recreate" : "RollingUpdate", [Replicas] = replicas, [Storage] = target.Json.DeepClone() };
    }

    private async Task<RegistryVolumeClaim> ReadClaimAsync(CancellationToken cancellationToken)
    {
        var name = target.Storage.Location!;
        var claim = ClaimReader.Read(name, await work.Client.FindAsync(ResourceTypes.Claims, ImageRegistryNames.Namespace, name, cancellationToken));
        return claim is { Exists: true, Phase: "Bound" } ? claim : throw StepWork.Refused($"The claim {name} in {ImageRegistryNames.Namespace} is {(claim.Exists ? claim.Phase : "not there")}. Make it and wait until it is bound.");
    }

    private async Task<int> ReplicasAsync(Resource config, CancellationToken cancellationToken)
    {
        var nodes = await SchedulableNodes.ReadAsync(work.Client, config, cancellationToken);
        // Only two have to be on two nodes: more are spread where there is room (pkg/resource/podtemplatespec.go).
        if (request.Replicas is 2 && nodes.Count < 2)
            throw StepWork.Refused($"Two replicas run on two nodes only, and {(nodes.Count == 0 ? "no node takes" : $"only {nodes[0]} takes")} pods of the registry. Give -Replicas 1, or make another node schedulable.");
        return request.Replicas ?? (nodes.Count >= 2 ? 2 : 1);
    }
}
