using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.InCluster;

/// <summary>Waits for a copy, starts its links when all blobs are there, and says at once what keeps it from going on. To stop waiting stops nothing else.</summary>
/// <param name="client">The cluster.</param>
/// <param name="time">The clock.</param>
public sealed class SyncWait(IKubernetesClient client, TimeProvider time)
{
    private const int LastLines = 5;

    // The copy does not need the API server: its restart must not end a wait of hours.
    private static readonly TimeSpan Outage = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    /// <summary>Takes where all parts together are.</summary>
    public IProgress<SyncProgress>? Progress { get; init; }

    /// <summary>The store with its credentials, where they are known; null has the address only.</summary>
    public RegistryStore? Store { get; init; }

    /// <summary>Takes what needs a look and ends nothing.</summary>
    public Action<string> Warning { get; init; } = _ => { };

    /// <summary>Waits until a copy is completed or has failed for good; <see cref="RegistrySyncJob.Problem"/> says why.</summary>
    /// <param name="namespace">The namespace.</param>
    /// <param name="name">The name.</param>
    /// <param name="cancellationToken">Ends the wait and not the copy.</param>
    /// <exception cref="ClusterException">It can't go on by itself (no image, no node, no volume), it is gone, or the cluster does not answer for minutes.</exception>
    public async Task<RegistrySyncJob> WaitAsync(string @namespace, string name, CancellationToken cancellationToken)
    {
        var stuck = new StuckPods(client, time, Warning);
        await using var logs = new LogFeed(client, new ProgressMerge(Progress ?? new Unheard()), Warning, time, cancellationToken);
        long? silentSince = null;
        while (true)
        {
            try
            {
                var state = await SyncReader.ReadAsync(client, @namespace, name, cancellationToken);
                silentSince = null;
                logs.Follow(state);
                switch (state.Status)
                {
                    case RegistrySyncStatus.Completed:
                        return state.ToJob(client.Cluster, Store, null);
                    case RegistrySyncStatus.Failed:
                        return state.ToJob(client.Cluster, Store, await ExplainAsync(state, cancellationToken));
                    case RegistrySyncStatus.BlobsCopied:
                        await new PhaseStart(client).MakeNextAsync(state.Record, state.Next!, cancellationToken);
                        continue;
                    case RegistrySyncStatus.CopyingLinks when state.Unmade.Any():
                        await new PhaseStart(client).MakeNextAsync(state.Record, state.Current, cancellationToken);
                        continue;
                }

                await stuck.CheckAsync(state, cancellationToken);
            }
            catch (ClusterException e) when (e.Kind is ClusterErrorKind.Transient or ClusterErrorKind.Unreachable)
            {
                if (silentSince is null)
                    Warning($"The cluster does not answer ({e.Message}). The copy goes on there; asking again.");
                silentSince ??= time.GetTimestamp();
                if (time.GetElapsedTime(silentSince.Value) > Outage)
                    throw;
            }

            await Task.Delay(Interval, time, cancellationToken);
        }
    }

    // Which pod, why, its exit code, its last lines, the next step.
    private async Task<string?> ExplainAsync(SyncState state, CancellationToken cancellationToken)
    {
        if (state.FailedJobs.FirstOrDefault() is not { } job)
            return null;
        var why = SyncState.Describe(job);
        var pods = state.Parts.Where(part => part.Phase == state.Current.Name && part.State is RegistrySyncPartState.Failed).Select(part => part.Pod!).ToList();
        if (pods.Count == 0)
            return $"{why} Its pods are gone. Start-RegistrySync again: what is at the destination is not copied again.";
        var last = pods[0];
        var problem = PodProblem.Of(last, []);
        var lines = await PodResult.LastLinesAsync(client, last, LastLines, cancellationToken);
        var said = lines.Count > 0 ? $" Its last lines: {string.Join(" | ", lines)}" : "";
        var policy = said.Contains("reach", StringComparison.OrdinalIgnoreCase) || said.Contains("connect", StringComparison.OrdinalIgnoreCase)
            ? $" Pods of this copy reach the TCP ports {string.Join(", ", state.Record.EgressPorts)} only: give others with -EgressPort."
            : "";
        return $"{why} {problem?.Message}{said}{policy} Receive-RegistrySync has what was done; when the cause is gone, Start-RegistrySync again copies only what is missing.";
    }

    private sealed class Unheard : IProgress<SyncProgress>
    {
        public void Report(SyncProgress value)
        {
        }
    }
}
