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

    // What runs first, so that nothing is taken away from under it; the record last, so that a removal that breaks off is found again.
    private static readonly ResourceType[] Types = [ResourceTypes.Jobs, ResourceTypes.Secrets, ResourceTypes.NetworkPolicies];

    /// <summary>Removes a copy; false where there was none of that name.</summary>
    /// <param name="namespace">The namespace.</param>
    /// <param name="name">The name.</param>
    /// <param name="waitForPods">Wait until its pods are gone, so that the volume is free.</param>
    /// <param name="cancellationToken">Ends the removal; running it again goes on.</param>
    /// <exception cref="ClusterException">The cluster refuses, or a pod does not end.</exception>
    public async Task<bool> RemoveAsync(string @namespace, string name, bool waitForPods, CancellationToken cancellationToken)
    {
        var found = false;
        foreach (var type in Types)
        {
            foreach (var resource in await SyncReader.OwnAsync(client, type, @namespace, name, cancellationToken))
                found |= await client.DeleteAsync(type, @namespace, resource.Name, new DeleteOptions { Uid = resource.Uid }, cancellationToken);
        }

        if (waitForPods)
            await PodsGoneAsync(@namespace, name, cancellationToken);
        foreach (var record in await SyncReader.OwnAsync(client, ResourceTypes.ConfigMaps, @namespace, name, cancellationToken))
            found |= await client.DeleteAsync(ResourceTypes.ConfigMaps, @namespace, record.Name, new DeleteOptions { Uid = record.Uid }, cancellationToken);
        return found;
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
