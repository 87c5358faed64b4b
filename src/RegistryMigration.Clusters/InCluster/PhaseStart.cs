using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.InCluster;

/// <summary>Makes the Jobs of a phase, and says who goes with whom when they are removed.</summary>
internal sealed class PhaseStart(IKubernetesClient client)
{
    /// <summary>Makes the Jobs of a phase that are not there yet; safe to run again after it broke off, and by two sessions at once.</summary>
    public async Task MakeAsync(SyncRecord record, SyncPhaseJobs phase, IReadOnlyList<JsonObject> manifests, CancellationToken cancellationToken)
    {
        var isLast = phase == record.Phases[^1];
        var made = new List<Resource>();
        foreach (var manifest in manifests)
        {
            var job = manifest.DeepClone().AsObject();
            if (!isLast)
                job["metadata"]!["ownerReferences"] = record.AsOwner();
            made.Add(await MakeAsync(record.Namespace, job, cancellationToken));
        }

        if (isLast)
            await LetOwnAsync(record, made, cancellationToken);
    }

    /// <summary>Starts the phase after the first, on the node that has the claim now: the registry may have been moved meanwhile.</summary>
    public async Task MakeNextAsync(SyncRecord record, SyncPhaseJobs phase, CancellationToken cancellationToken)
    {
        var claim = await SyncClaim.FindAsync(client, record.Namespace, record.Claim, record.Direction, cancellationToken);
        var manifests = record.NextJobs.Select(job => job.DeepClone().AsObject()).ToList();
        foreach (var job in manifests)
            PodManifest.Place(job["spec"]!["template"]!["spec"]!.AsObject(), claim, record.Name);
        await MakeAsync(record, phase, manifests, cancellationToken);
    }

    private async Task<Resource> MakeAsync(string @namespace, JsonObject job, CancellationToken cancellationToken)
    {
        var name = (string)job["metadata"]!["name"]!;
        try
        {
            return await client.CreateAsync(ResourceTypes.Jobs, @namespace, job, WriteOptions.Default, cancellationToken);
        }
        catch (ClusterException e) when (e.Kind == ClusterErrorKind.Conflict)
        {
            return await client.GetAsync(ResourceTypes.Jobs, @namespace, name, cancellationToken);
        }
    }

    // The Jobs of the last phase have a time to live. When the last of them is gone, the record goes with it, and what the record owns.
    private async Task LetOwnAsync(SyncRecord record, IEnumerable<Resource> jobs, CancellationToken cancellationToken)
    {
        var owners = new JsonArray([.. jobs.Select(job => new JsonObject { ["apiVersion"] = ResourceTypes.Jobs.ApiVersion, ["kind"] = ResourceTypes.Jobs.Kind, ["name"] = job.Name, ["uid"] = job.Uid })]);
        await client.PatchAsync(ResourceTypes.ConfigMaps, record.Namespace, record.Name, Patch.Merge(new JsonObject { ["metadata"] = new JsonObject { ["ownerReferences"] = owners } }), WriteOptions.Default, cancellationToken);
    }
}
