using System.Globalization;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Engine.Journal;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.OpenShift.Steps;

/// <summary>Says whether there is a claim to go back to. Images that were deleted with a volume can't be brought back here.</summary>
/// <param name="passes">The migration's passes: a claim that was made anew is empty until one has copied back.</param>
/// <param name="work">What to work with.</param>
public sealed class RemoveVolumeUndo(IReadOnlyList<MigrationPass> passes, StepWork work) : IStepUndo
{
    /// <inheritdoc />
    public string Action => StepActions.RemoveVolume;

    /// <inheritdoc />
    public async Task<string> UndoAsync(MigrationStep step, CancellationToken cancellationToken)
    {
        if (step?.Before is not { } before || (string?)before["claim"] is not { } name)
            return "nothing was recorded, so nothing was changed";
        var claim = await work.Client.FindAsync(ResourceTypes.Claims, ImageRegistryNames.Namespace, name, cancellationToken)
            ?? throw StepWork.Refused($"The claim {name} in {ImageRegistryNames.Namespace} was deleted. Make it anew from the manifest in the journal (step {step.Id}), copy back with Sync-RegistryBlobs while the registry is read-only, then undo again.");
        if (claim.Text("metadata", "deletionTimestamp") is not null)
            throw StepWork.Refused($"The claim {name} is being deleted. Wait until it is gone, make it anew from the manifest in the journal (step {step.Id}), copy back, then undo again.");
        if (claim.Uid == (string?)before["uid"])
            return $"the claim {name} is still there";
        if (MadeAt(claim) is { } made && !WayBack.WasCopiedBack(passes, made))
            throw StepWork.Refused(FormattableString.Invariant($"The claim {name} was made anew at {made:u}, and nothing was copied back into it since. Run Sync-RegistryBlobs with -Migration -PassKind Reverse while the registry is read-only, then undo again."));
        return $"a new claim {name} is there, with what was copied back";
    }

    private static DateTimeOffset? MadeAt(Resource claim) =>
        DateTimeOffset.TryParse(claim.Text("metadata", "creationTimestamp"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var made) ? made : null;
}
