using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.InCluster;

/// <summary>Notices pods that will not get to work by themselves: tells it when it is seen, and ends the wait when its patience is over.</summary>
internal sealed class StuckPods(IKubernetesClient client, TimeProvider time, Action<string> warn)
{
    private readonly Dictionary<string, (string Reason, long Since)> _seen = new(StringComparer.Ordinal);

    /// <summary>Looks at the pods of the current phase, and at Jobs that have none.</summary>
    /// <exception cref="ClusterException">Something has kept a pod from its work for too long.</exception>
    public async Task CheckAsync(SyncState state, CancellationToken cancellationToken)
    {
        var parts = state.Parts.Where(part => part.Phase == state.Current.Name).ToList();
        foreach (var pod in parts.SelectMany(part => part.Pods))
        {
            var pending = pod.Text("status", "phase") is "Pending" or null;
            Judge(pod.Name, PodProblem.Of(pod, pending ? await EventsAsync(pod, cancellationToken) : []), state);
        }

        if (parts.All(part => part.Pods.Count == 0))
        {
            foreach (var job in state.OpenJobs)
                Judge(job.Name, PodProblem.OfJob(job, await EventsAsync(job, cancellationToken)), state);
        }
    }

    private void Judge(string name, PodProblem? problem, SyncState state)
    {
        if (problem is null)
        {
            _seen.Remove(name);
            return;
        }

        if (!_seen.TryGetValue(name, out var seen) || seen.Reason != problem.Reason)
        {
            seen = (problem.Reason, time.GetTimestamp());
            _seen[name] = seen;
            if (problem.Patience != TimeSpan.Zero)
                warn(problem.Message);
        }

        if (problem.Patience is { } patience && time.GetElapsedTime(seen.Since) >= patience)
            throw new ClusterException(ClusterErrorKind.Precondition, problem.Message) { Reason = problem.Reason, Target = $"{state.Record.Namespace}/{state.Record.Name}" };
    }

    private async Task<List<Resource>> EventsAsync(Resource about, CancellationToken cancellationToken)
    {
        var events = new List<Resource>();
        try
        {
            await foreach (var happened in client.ListAsync(ResourceTypes.Events, about.Namespace, new ListOptions { Fields = $"involvedObject.name={about.Name}" }, cancellationToken))
            {
                if (happened.Text("involvedObject", "uid") is not { } uid || uid == about.Uid)
                    events.Add(happened);
            }
        }
        catch (ClusterException e) when (e.Kind == ClusterErrorKind.Denied)
        {
            // Events only say sooner what a condition says later.
        }

        return events;
    }
}
