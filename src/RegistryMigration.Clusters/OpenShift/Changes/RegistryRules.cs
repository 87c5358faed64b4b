using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Kubernetes.Changes;
using RegistryMigration.Clusters.Kubernetes.Reading;
using RegistryMigration.Clusters.OpenShift.Reading;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.OpenShift.Changes;

/// <summary>States of the registry's configuration that the API server accepts and that end in a loss of images or a registry that does not start.</summary>
public sealed class RegistryRules
{
    /// <summary>Let the registry be removed where its storage is Unmanaged. Where it is Managed nothing allows it: the operator would delete the images.</summary>
    public bool AllowRemoval { get; init; }

    /// <summary>Checks what a change would lead to.</summary>
    /// <exception cref="ClusterException"><see cref="ClusterErrorKind.Precondition"/>: what is wrong, why, and what to do instead.</exception>
    public async Task CheckAsync(IKubernetesClient client, ConfigOutcome outcome, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(outcome);
        var after = outcome.After;
        var storage = StorageReader.Read(after.Section("spec", "storage"));
        if (after.Text("spec", "managementState") == "Removed")
            RefuseRemoval(outcome.Before, storage, StorageReader.Read(after.Section("status", "storage")));
        if (storage.TypeCount > 1)
            throw Refused("The change would leave two storage types in spec.storage; the operator takes exactly one. Replace spec.storage whole.");
        await CheckVolumeAsync(client, after, storage, cancellationToken);
    }

    /// <summary>What would be deleted by removing the registry; null where the storage is left alone.</summary>
    /// <remarks>pkg/storage/*: RemoveStorage deletes where the spec says Managed. Where it says nothing the operator decides, and for storage that it made it decides Managed.</remarks>
    public static string? DeletedByRemoval(ImageRegistryStorage storage, ImageRegistryStorage observed)
    {
        ArgumentNullException.ThrowIfNull(storage);
        ArgumentNullException.ThrowIfNull(observed);
        if (storage.ManagementState == "Unmanaged" && storage.Kind != BackendKind.EmptyDir)
            return null;
        var place = storage.Location ?? observed.Location;
        return storage.Kind switch
        {
            BackendKind.None => observed.Kind == BackendKind.None ? null : $"{observed} with all images",
            BackendKind.EmptyDir => "the pods' own directories with all images",
            BackendKind.Volume => $"the claim {place ?? ImageRegistryNames.DefaultClaim} with all images",
            _ => $"the {storage.Kind} {Backends.LocationFieldOf(storage.Kind)} {place} with all images",
        };
    }

    private void RefuseRemoval(Resource before, ImageRegistryStorage storage, ImageRegistryStorage observed)
    {
        // A registry that is removed already is removed again with every change: what was kept so far must not be given to the operator now.
        var wasRemoved = before.Text("spec", "managementState") == "Removed";
        var wasDeleted = wasRemoved ? DeletedByRemoval(StorageReader.Read(before.Section("spec", "storage")), StorageReader.Read(before.Section("status", "storage"))) : null;
        if (DeletedByRemoval(storage, observed) is { } deleted && deleted != wasDeleted)
        {
            throw Refused(
                $"managementState Removed makes the operator delete {deleted}, since storage.managementState is {storage.ManagementState ?? "not set"}. "
                + "To stop the registry and keep its images, set -Replicas 0, or set -StorageManagementState Unmanaged first.");
        }

        if (!wasRemoved && !AllowRemoval)
        {
            throw Refused(
                $"managementState Removed takes the registry away: its deployment, service, routes and certificates, while {storage} stays since it is Unmanaged. "
                + "Builds, pushes and pulls of imagestreams fail from then on. Repeat with -Force when that is wanted; -Replicas 0 stops the registry and keeps the rest.");
        }
    }

    // pkg/storage/pvc/pvc.go, checkPVC: a claim that one node may mount needs one replica and Recreate, or the new pod waits for the old one for ever.
    private static async Task CheckVolumeAsync(IKubernetesClient client, Resource after, ImageRegistryStorage storage, CancellationToken cancellationToken)
    {
        var replicas = after.Number("spec", "replicas") ?? 0;
        var strategy = after.Text("spec", "rolloutStrategy") is { Length: > 0 } given ? given : "RollingUpdate";
        if (storage.Kind != BackendKind.Volume || (replicas <= 1 && strategy == "Recreate"))
            return;
        var claim = await ClaimReader.ReadAsync(new SideReading(client), storage, StorageReader.Read(after.Section("status", "storage")), cancellationToken);
        if (claim is not { IsSingleNode: true })
            return;
        var modes = string.Join(", ", claim.AccessModes);
        if (replicas > 1)
            throw Refused($"The claim {claim.Name} is {modes}: one node at a time can mount it, so {replicas} replicas can't run. Stay at one replica, or move the images to object storage or a ReadWriteMany volume first.");
        throw Refused($"The claim {claim.Name} is {modes}: with {strategy} the new pod would wait for the volume that the old one holds. Use -RolloutStrategy Recreate.");
    }

    private static ClusterException Refused(string message) =>
        new(ClusterErrorKind.Precondition, message + " Nothing was changed.") { Target = $"{OpenShiftTypes.Configs}/{ImageRegistryNames.Config}" };
}
