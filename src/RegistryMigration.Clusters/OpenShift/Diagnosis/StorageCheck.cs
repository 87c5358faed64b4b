using RegistryMigration.Clusters.Kubernetes.Reading;
using RegistryMigration.Clusters.OpenShift.Reading;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.OpenShift.Diagnosis;

/// <summary>The storage: one type, there, and fit for the replicas.</summary>
internal sealed class StorageCheck : IDiagnosisCheck
{
    public string Name => "Storage";

    public async Task<Finding> RunAsync(DiagnosisContext context, CancellationToken cancellationToken)
    {
        if (context.Config is null)
            return Finding.Skip("There is no configuration.");
        var (storage, finding) = (context.Storage, new Finding());
        if (storage.Kind == BackendKind.None)
            return finding.Fail("No storage is configured.", "Set-ImageRegistry -S3Bucket or -SwiftContainer, or a claim in spec.storage.pvc.");
        if (storage.TypeCount > 1)
            finding.Fail($"{storage.TypeCount} storage types are configured; the operator takes exactly one.", "Take the wrong one out of spec.storage; the images are where the status says.");
        finding.See($"{storage}, {storage.ManagementState ?? "management state not set"}");
        Compare(context, finding);
        if (context.Conditions.FirstOrDefault(condition => condition.Type == "StorageExists") is { Status: not true } missing && storage.Kind != BackendKind.EmptyDir)
            finding.Fail($"{missing}", $"The operator can't find the {storage.Kind}. Check its name, its credentials and the network to it; the operator's log above says more.");
        if (storage.Kind == BackendKind.EmptyDir)
            finding.Warn("emptyDir: the images go with the pods.", "Configure a storage that stays before anything of value is pushed.");
        if (storage.Kind == BackendKind.Volume)
            await CheckClaimAsync(context, finding, cancellationToken);
        return finding;
    }

    private static void Compare(DiagnosisContext context, Finding finding)
    {
        var (storage, observed) = (context.Storage, context.ObservedStorage);
        if (context.IsManaged && (observed.Kind != storage.Kind || (storage.Location is not null && observed.Location != storage.Location)))
            finding.Warn($"The operator still uses {observed}.", "It has not taken the configuration over yet, or could not: its conditions above say why.");
    }

    private static async Task CheckClaimAsync(DiagnosisContext context, Finding finding, CancellationToken cancellationToken)
    {
        var side = new SideReading(context.Client);
        if (await ClaimReader.ReadAsync(side, context.Storage, context.ObservedStorage, cancellationToken) is not { } claim)
        {
            finding.See("The claim may not be read by this account.");
            return;
        }

        if (!claim.Exists)
        {
            finding.Fail($"There is no claim {claim.Name}.", "Make the claim, or name the one that has the images in spec.storage.pvc.claim.");
            return;
        }

        if (claim.Phase == "Bound")
            finding.See($"claim {claim}");
        else
            finding.Fail($"claim {claim}", claim.Phase == "Lost" ? "Its volume is gone: restore the volume from a backup." : "It has no volume: look at its events, its storage class, and whether a provisioner runs.");
        if (!claim.IsSingleNode)
            return;
        var modes = string.Join(", ", claim.AccessModes);
        if (context.Config!.Number("spec", "replicas") > 1)
            finding.Fail($"The claim is {modes} and {context.Config.Number("spec", "replicas")} replicas are asked for.", "Set-ImageRegistry -Replicas 1 -RolloutStrategy Recreate, or move to object storage.");
        else if (context.Config.Text("spec", "rolloutStrategy") != "Recreate")
            finding.Fail($"The claim is {modes} and the roll-out strategy is {context.Config.Text("spec", "rolloutStrategy") ?? "not set"}.", "Set-ImageRegistry -RolloutStrategy Recreate: the operator refuses anything else.");
    }
}
