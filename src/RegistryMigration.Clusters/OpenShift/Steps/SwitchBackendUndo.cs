using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.OpenShift.Changes;
using RegistryMigration.Clusters.OpenShift.Reading;
using RegistryMigration.Engine.Journal;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.OpenShift.Steps;

/// <summary>Brings back storage, roll-out strategy and replicas as they were before the switch, and waits until the registry runs so. Read-only stays: its own undo comes after.</summary>
/// <param name="action"><see cref="StepActions.SwitchBackend"/> or <see cref="StepActions.ConfirmBackend"/>.</param>
/// <param name="work">What to work with.</param>
public sealed class SwitchBackendUndo(string action, StepWork work) : IStepUndo
{
    private const string Recreate = "Recreate";
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <inheritdoc />
    public string Action => action;

    /// <inheritdoc />
    public string Describe(MigrationStep step) => SpecFields.Describe(step);

    /// <inheritdoc />
    public async Task<string> UndoAsync(MigrationStep step, CancellationToken cancellationToken)
    {
        if (step?.Before is not { } before)
            return "nothing was recorded, so nothing was changed";
        var from = StorageReader.Read(SpecFields.Recorded(before, SwitchBackendStep.Storage) as JsonObject);
        await RequireClaimAsync(SwitchBackendStep.ClaimBefore(step), cancellationToken);
        await SettleReplicasAsync(before, from, cancellationToken);
        var change = RegistryChange.OfRegistry().When(config => RefuseOtherState(config, before, from));
        foreach (var name in Fields(before))
            change.Set(SpecFields.Recorded(before, name)?.DeepClone(), name);
        await work.ChangeAsync(change, cancellationToken);
        return $"{string.Join(", ", Fields(before).Select(name => $"{name} {SpecFields.Recorded(before, name)?.ToJsonString() ?? "absent"}"))} again, and every pod runs so";
    }

    // A deployment that is half rolled out stays so for ever when its strategy becomes Recreate and its replicas change at once: the
    // deployment controller then only scales, and scales several active replica sets in proportion only while the strategy is RollingUpdate
    // (kubernetes, pkg/controller/deployment/sync.go, scale). A switch that never became ready is left in just that state.
    private async Task SettleReplicasAsync(JsonObject before, ImageRegistryStorage from, CancellationToken cancellationToken)
    {
        if (SpecFields.Recorded(before, SwitchBackendStep.Replicas) is not { } replicas || (string?)SpecFields.Recorded(before, SwitchBackendStep.RolloutStrategy) != Recreate)
            return;
        var deployment = await ReadDeploymentAsync(cancellationToken);
        if (deployment is null or { IsComplete: true } or { Strategy: Recreate } || deployment.Replicas == (int)replicas)
            return;
        await RegistryChange.OfRegistry().When(StepWork.RequireManaged).When(config => RefuseOtherState(config, before, from)).Set(replicas.DeepClone(), SwitchBackendStep.Replicas).ApplyAsync(work.Client, work.Time, cancellationToken);
        var started = work.Time.GetTimestamp();
        while (await ReadDeploymentAsync(cancellationToken) is { } current && (current.Replicas != (int)replicas || current.ObservedGeneration < current.Generation))
        {
            if (work.Time.GetElapsedTime(started) > work.Timeout)
                throw new ClusterException(ClusterErrorKind.TimedOut, FormattableString.Invariant($"After {work.Timeout.TotalSeconds:0} s the operator has not scaled the registry to {replicas}: {current}. See its log, then undo again.")) { Target = StepWork.ConfigName };
            work.Notices?.Report($"waiting for the deployment to be scaled to {replicas}");
            await Task.Delay(Pause, work.Time, cancellationToken);
        }
    }

    private async Task<RegistryDeployment?> ReadDeploymentAsync(CancellationToken cancellationToken) =>
        DeploymentReader.Read(await work.Client.FindAsync(ResourceTypes.Deployments, ImageRegistryNames.Namespace, ImageRegistryNames.Deployment, cancellationToken));

    // readOnly is recorded to be compared, and brought back by the step that changed it; one that came later left that to this undo.
    private static IEnumerable<string> Fields(JsonObject before) =>
        (before["fields"] as JsonArray ?? []).Select(field => (string)field!).Where(name => name != ReadOnlyGate.ReadOnly || !WayBack.WasReadOnly(before));

    private static void RefuseOtherState(Resource config, JsonObject before, ImageRegistryStorage from)
    {
        var now = StorageReader.Read(config.Section("spec", SwitchBackendStep.Storage));
        var to = StorageReader.Read((before["wanted"] as JsonObject)?[SwitchBackendStep.Storage] as JsonObject);
        if (!SwitchBackendStep.IsOn(from, now) && !SwitchBackendStep.IsOn(to, now))
            throw StepWork.Refused($"The registry uses {now} by now, which is neither what this migration left ({from}) nor what it switched to ({to}). Somebody else has changed it: decide by hand with Get-ImageRegistry and Switch-RegistryBackend.");
        if (WayBack.WasReadOnly(before) && SwitchBackendStep.IsOn(to, now) && config.Flag("spec", ReadOnlyGate.ReadOnly) != true)
        {
            throw StepWork.Refused($"The registry takes writes on {now}, though no step of this migration allowed them: what was pushed would be lost. Run Set-RegistryReadOnly, copy back with Sync-RegistryBlobs, then undo again.");
        }
    }

    private async Task RequireClaimAsync(string? claim, CancellationToken cancellationToken)
    {
        if (claim is not null && await work.Client.FindAsync(ResourceTypes.Claims, ImageRegistryNames.Namespace, claim, cancellationToken) is null)
            throw StepWork.Refused($"The claim {claim} in {ImageRegistryNames.Namespace} is gone, so the registry can't use it again. Its manifest is in the journal of the step that removed it: make it anew, copy back with Sync-RegistryBlobs, then undo again.");
    }
}
