using System.Globalization;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.InCluster;

/// <summary>Collects what all parts of a finished copy did as one result.</summary>
/// <param name="client">The cluster.</param>
public sealed class SyncReceipt(IKubernetesClient client)
{
    /// <summary>The result of a copy, as one pass would give it.</summary>
    /// <param name="namespace">The namespace.</param>
    /// <param name="name">The name.</param>
    /// <param name="store">The store with its credentials, where they are known; null has the address only.</param>
    /// <param name="cancellationToken">Ends the requests.</param>
    /// <exception cref="ClusterException">The copy is not finished, or gone.</exception>
    public async Task<SyncResult> ReceiveAsync(string @namespace, string name, RegistryStore? store, CancellationToken cancellationToken)
    {
        var state = await SyncReader.ReadAsync(client, @namespace, name, cancellationToken);
        if (state.Status is not (RegistrySyncStatus.Completed or RegistrySyncStatus.Failed))
            throw new ClusterException(ClusterErrorKind.Precondition, $"The copy '{name}' is not finished ({state.Status}). Wait for it: Wait-RegistrySync {name} -Namespace {@namespace}.") { Target = $"{@namespace}/{name}" };
        var results = new List<SyncResult>();
        var unknown = new List<SyncFailure>();
        foreach (var part in state.Parts)
        {
            var result = part.Pod is { } pod ? await PodResult.ReadAsync(client, pod, cancellationToken) : null;
            if (result is not null)
                results.Add(result);
            else
                unknown.Add(await UnknownAsync(part, state, cancellationToken));
        }

        if (state.Status == RegistrySyncStatus.Failed && unknown.Count == 0 && results.All(result => result.Status is SyncStatus.Completed or SyncStatus.CompletedWithDefects))
            unknown.Add(new SyncFailure(state.Current.Name, Party.Source, StoreErrorKind.Other, "The Job failed after its parts had ended. Start-RegistrySync again: it copies only what is missing."));
        var job = state.ToJob(client.Cluster, store, null);
        // It began when it was asked for, by the clock that the migration's steps go by: a node's may be ahead of a block of writes that came later.
        return ResultMerge.Merge(job.Source, job.Destination, results, unknown) with { StartedAt = job.StartedAt };
    }

    /// <summary>Whether a copy leaves a part of the source out, so that it proves nothing about the whole.</summary>
    public async Task<bool> IsPartialAsync(string @namespace, string name, CancellationToken cancellationToken) =>
        (await SyncReader.ReadAsync(client, @namespace, name, cancellationToken)).Record.IsPartial;

    private async Task<SyncFailure> UnknownAsync(SyncPart part, SyncState state, CancellationToken cancellationToken)
    {
        var key = string.Create(CultureInfo.InvariantCulture, $"{part.Phase} {part.Index}/{state.Record.Shards}");
        const string next = "Start-RegistrySync again: what is at the destination is not copied again.";
        if (part.Pod is not { } pod)
            return new SyncFailure(key, Party.Source, StoreErrorKind.Other, $"{(part.Pods.Count == 0 && part.IsOver ? "Its pod is gone, and with it what it did" : "It was never started")}. {next}");
        var lines = await PodResult.LastLinesAsync(client, pod, 3, cancellationToken);
        return new SyncFailure(key, Party.Source, StoreErrorKind.Other, $"{PodProblem.Of(pod, [])?.Message ?? $"The pod {pod.Name} left no result."} {string.Join(" | ", lines)} {next}");
    }
}
