using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.InCluster;

/// <summary>Makes what a plan says, in an order in which nothing runs without what it needs, and nothing is left behind that nobody finds.</summary>
/// <param name="client">The cluster.</param>
/// <param name="time">The clock.</param>
public sealed class SyncStart(IKubernetesClient client, TimeProvider time)
{
    private static readonly TimeSpan CleanupTime = TimeSpan.FromSeconds(30);

    /// <summary>Starts a copy and returns at once.</summary>
    /// <exception cref="ClusterException">The cluster refuses a part of it; what was made is removed again.</exception>
    public async Task<RegistrySyncJob> StartAsync(PlannedSync plan, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var pieces = plan.Pieces;
        var created = await client.CreateAsync(ResourceTypes.ConfigMaps, pieces.Record.Namespace, pieces.Record.Manifest(), WriteOptions.Default, cancellationToken);
        var record = pieces.Record with { Uid = created.Uid };
        try
        {
            if (pieces.Secret is { } secret)
                await client.CreateAsync(ResourceTypes.Secrets, record.Namespace, Owned(secret, record), WriteOptions.Default, cancellationToken);
            await client.CreateAsync(ResourceTypes.NetworkPolicies, record.Namespace, Owned(pieces.Policy, record), WriteOptions.Default, cancellationToken);
            await new PhaseStart(client).MakeAsync(record, record.Phases[0], pieces.Jobs, cancellationToken);
        }
        catch
        {
            // Also after Ctrl-C: what is half made would only confuse, and holds credentials.
            using var limit = new CancellationTokenSource(CleanupTime, time);
            await new SyncRemoval(client, time).RemoveAsync(record.Namespace, record.Name, waitForPods: false, limit.Token);
            throw;
        }

        return (await SyncReader.ReadAsync(client, record.Namespace, record.Name, cancellationToken)).ToJob(client.Cluster, pieces.Store, null);
    }

    private static JsonObject Owned(JsonObject manifest, SyncRecord record)
    {
        var copy = manifest.DeepClone().AsObject();
        copy["metadata"]!["ownerReferences"] = record.AsOwner();
        return copy;
    }
}
