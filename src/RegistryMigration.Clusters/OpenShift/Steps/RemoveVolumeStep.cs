using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Kubernetes.Reading;
using RegistryMigration.Clusters.OpenShift.Reading;
using RegistryMigration.Engine.Journal;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.OpenShift.Steps;

/// <summary>Deletes the claim that the registry was switched away from. What is in use is never deleted, whatever is forced.</summary>
/// <param name="id">The step's id.</param>
/// <param name="migration">The migration so far.</param>
/// <param name="hold">How long the new storage has to be in use before.</param>
/// <param name="force">Delete although the proof by pulling or the hold period is missing; that is recorded.</param>
/// <param name="work">What to work with.</param>
public sealed class RemoveVolumeStep(string id, RegistryMigrationInfo migration, TimeSpan hold, bool force, StepWork work) : IMigrationStep
{
    internal const string Manifest = "manifest";
    private const string Forced = "forced";
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <inheritdoc />
    public string Id => id;

    /// <inheritdoc />
    public string Action => StepActions.RemoveVolume;

    /// <inheritdoc />
    public string Target => $"persistentvolumeclaims/{Claim ?? "?"} in {ImageRegistryNames.Namespace}";

    private string? Claim => RemovalGate.SwitchOf(migration.Steps) is { } done ? SwitchBackendStep.ClaimBefore(done) : null;

    /// <inheritdoc />
    public async Task<JsonObject> CaptureAsync(CancellationToken cancellationToken)
    {
        var missing = RemovalGate.Missing(migration, hold, work.Time.GetUtcNow());
        if (RemovalGate.SwitchOf(migration.Steps) is null)
            throw StepWork.Refused($"The old volume stays: {missing[0]}.");
        var name = Claim ?? throw StepWork.Refused("The registry was not on a volume before the switch, so that there is none to remove.");
        var claim = await work.Client.FindAsync(ResourceTypes.Claims, ImageRegistryNames.Namespace, name, cancellationToken)
            ?? throw StepWork.Refused($"There is no claim {name} in {ImageRegistryNames.Namespace}: somebody has removed it already.");
        await RequireUnusedAsync(name, cancellationToken);
        if (missing.Count > 0 && !force)
            throw StepWork.Refused($"The claim {name} stays: {string.Join("; ", missing)}. -Force deletes it nevertheless.");
        var record = new JsonObject { ["claim"] = name, ["uid"] = claim.Uid, ["resourceVersion"] = claim.ResourceVersion, [Manifest] = ManifestOf(claim) };
        if (missing.Count > 0)
            record[Forced] = string.Join("; ", missing);
        return record;
    }

    /// <inheritdoc />
    public async Task<StepResult> ApplyAsync(JsonObject before, CancellationToken cancellationToken)
    {
        var (name, uid) = ((string)before["claim"]!, (string?)before["uid"]);
        var started = work.Time.GetTimestamp();
        while (await work.Client.FindAsync(ResourceTypes.Claims, ImageRegistryNames.Namespace, name, cancellationToken) is { } claim && claim.Uid == uid)
        {
            if (claim.Text("metadata", "deletionTimestamp") is null)
            {
                await RequireUnusedAsync(name, cancellationToken);
                // The version may have moved by a controller's annotation since it was recorded; the uid may not.
                await work.Client.DeleteAsync(ResourceTypes.Claims, ImageRegistryNames.Namespace, name, new DeleteOptions { Uid = uid, ResourceVersion = claim.ResourceVersion }, cancellationToken);
                continue;
            }

            if (work.Time.GetElapsedTime(started) > work.Timeout)
                throw new ClusterException(ClusterErrorKind.TimedOut, FormattableString.Invariant($"The claim {name} is marked as deleted and still there after {work.Timeout.TotalSeconds:0} s: something uses it. See kubernetes.io/pvc-protection in its events; it goes by itself when nothing uses it any more.")) { Target = Target };
            work.Notices?.Report($"waiting for the claim {name} to go");
            await Task.Delay(Pause, work.Time, cancellationToken);
        }

        var volume = before[Manifest]?["spec"]?["volumeName"]?.ToString();
        return new StepResult(
            $"the claim {name} ({uid}) is gone",
            new JsonObject { ["volume"] = volume },
            NoReturn: FormattableString.Invariant($"The old volume's claim {name} was deleted at {work.Time.GetUtcNow():u}: to go back, make a claim of that name anew and copy back first. The journal has its manifest{(volume is null ? "" : $"; with the reclaim policy Retain the volume {volume} still has its images")}."),
            Forced: (string?)before[Forced]);
    }

    private async Task RequireUnusedAsync(string name, CancellationToken cancellationToken)
    {
        var config = await ImageRegistryReader.ReadConfigAsync(work.Client, cancellationToken);
        var (asked, used) = (StorageReader.Read(config.Section("spec", "storage")), StorageReader.Read(config.Section("status", "storage")));
        foreach (var storage in new[] { asked, used })
        {
            if (storage.Kind == BackendKind.Volume && (storage.Location ?? ImageRegistryNames.DefaultClaim) == name)
                throw StepWork.Refused($"The registry uses the claim {name}, so it stays. Nothing forces its removal.");
        }

        var pods = new List<string>();
        await foreach (var pod in work.Client.ListAsync(ResourceTypes.Pods, ImageRegistryNames.Namespace, ListOptions.All, cancellationToken))
        {
            if (pod.Text("status", "phase") is not ("Succeeded" or "Failed") && pod.Items("spec", "volumes").Select(JsonText.ObjectOf).Any(volume => volume.Text("persistentVolumeClaim", "claimName") == name))
                pods.Add(pod.Name);
        }

        if (pods.Count > 0)
            throw StepWork.Refused($"Pods mount the claim {name}: {string.Join(", ", pods)}. It stays until they are gone; nothing forces its removal.");
    }

    // What makes it anew; what the server fills in is left out.
    private static JsonObject ManifestOf(Resource claim)
    {
        var manifest = claim.Json.DeepClone().AsObject();
        manifest.Remove("status");
        foreach (var name in (string[])["managedFields", "uid", "resourceVersion", "generation", "creationTimestamp", "selfLink", "finalizers"])
            manifest["metadata"]?.AsObject().Remove(name);
        manifest["metadata"]?["annotations"]?.AsObject().Remove("kubectl.kubernetes.io/last-applied-configuration");
        return manifest;
    }
}
