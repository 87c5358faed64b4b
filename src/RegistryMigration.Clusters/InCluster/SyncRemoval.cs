using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.InCluster;

/// <summary>Removes a copy and everything that was made for it. What it wrote at the destination stays: the next copy goes on from there.</summary>
/// <param name="client">The cluster.</param>
/// <param name="time">The clock.</param>
public sealed class SyncRemoval(IKubernetesClient client, TimeProvider time)
{
    // The pods' own time to stop, and some for their node.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>Removes a copy; false where there was none of that name.</summary>
    /// <param name="namespace">The namespace.</param>
    /// <param name="name">The name.</param>
    /// <param name="waitForPods">Wait until its pods are gone, so that the volume is free.</param>
    /// <param name="cancellationToken">Ends the removal; running it again goes on.</param>
    /// <exception cref="ClusterException">The cluster refuses, or a pod does not end.</exception>
    public async Task<bool> RemoveAsync(string @namespace, string name, bool waitForPods, CancellationToken cancellationToken)
    {
        if (await SyncReader.FindAsync(client, @namespace, name, cancellationToken) is not { } record)
            return false;
        foreach (var job in await SyncReader.OwnAsync(client, ResourceTypes.Jobs, @namespace, name, cancellationToken))
            await client.DeleteAsync(ResourceTypes.Jobs, @namespace, job.Name, new DeleteOptions { Uid = job.Uid }, cancellationToken);
        if (waitForPods)
            await PodsGoneAsync(@namespace, name, cancellationToken);
        // By name: who may list Secrets may read all of them.
        if (record.Secret is { } secret)
            await client.DeleteAsync(ResourceTypes.Secrets, @namespace, secret, DeleteOptions.Default, cancellationToken);
        await client.DeleteAsync(ResourceTypes.NetworkPolicies, @namespace, name, DeleteOptions.Default, cancellationToken);
        // Last, so that a removal that broke off is found again.
        await client.DeleteAsync(ResourceTypes.ConfigMaps, @namespace, name, new DeleteOptions { Uid = record.Uid }, cancellationToken);
        return true;
    }

    private async Task PodsGoneAsync(string @namespace, string name, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        while (await SyncReader.OwnAsync(client, ResourceTypes.Pods, @namespace, name, cancellationToken) is { Count: > 0 } pods)
        {
            if (time.GetElapsedTime(start) > Patience)
            {
                throw new ClusterException(ClusterErrorKind.TimedOut, $"The pod {pods[0].Name} on {pods[0].Text("spec", "nodeName") ?? "no node"} did not end within {Patience.TotalSeconds:0} seconds and still holds the volume. "
                    + "Check its node, then run the same command again.") { Target = $"{ResourceTypes.Pods}/{pods[0].Name} in {@namespace}" };
            }

            await Task.Delay(Interval, time, cancellationToken);
        }
    }
}
