using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.InCluster;

/// <summary>A copy as the cluster has it at one moment: the record, its Jobs and their pods.</summary>
internal sealed class SyncState(SyncRecord record, IReadOnlyList<Resource> jobs, IReadOnlyList<Resource> pods)
{
    private readonly Dictionary<string, Resource> _jobs = jobs.ToDictionary(job => job.Name, StringComparer.Ordinal);

    /// <summary>The record.</summary>
    public SyncRecord Record => record;

    /// <summary>The phase that is under way or was the last: the last one with a Job.</summary>
    public SyncPhaseJobs Current => record.Phases.LastOrDefault(phase => phase.Jobs.Any(_jobs.ContainsKey)) ?? record.Phases[0];

    /// <summary>The phase after the current one; null where there is none.</summary>
    public SyncPhaseJobs? Next => record.Phases.SkipWhile(phase => phase != Current).Skip(1).FirstOrDefault();

    /// <summary>How far it is.</summary>
    public RegistrySyncStatus Status =>
        HasFailed || Missing.Any() ? RegistrySyncStatus.Failed
        : !IsComplete(Current) ? Current == record.Phases[0] ? RegistrySyncStatus.Copying : RegistrySyncStatus.CopyingLinks
        : Next is null ? RegistrySyncStatus.Completed : RegistrySyncStatus.BlobsCopied;

    /// <summary>Jobs of the first phase that are not there: its start broke off, or somebody deleted them.</summary>
    public IEnumerable<string> Missing => record.Phases[0].Jobs.Where(job => !_jobs.ContainsKey(job));

    /// <summary>Jobs of the current phase that were not made yet, where its start broke off.</summary>
    public IEnumerable<string> Unmade => Current.Jobs.Where(job => !_jobs.ContainsKey(job));

    /// <summary>Jobs of the current phase that gave up.</summary>
    public IEnumerable<Resource> FailedJobs => Current.Jobs.Select(job => _jobs.GetValueOrDefault(job)).OfType<Resource>().Where(job => Condition(job, "Failed") is not null);

    /// <summary>Jobs of the current phase that are not done.</summary>
    public IEnumerable<Resource> OpenJobs => Current.Jobs.Select(job => _jobs.GetValueOrDefault(job)).OfType<Resource>().Where(job => Condition(job, "Failed") is null && Condition(job, "Complete") is null);

    /// <summary>Every part of every phase that was started, with its pods from the oldest to the newest.</summary>
    public IEnumerable<SyncPart> Parts => record.Phases
        .Where(phase => phase.Jobs.Any(_jobs.ContainsKey))
        .SelectMany(phase => Enumerable.Range(0, record.Shards).Select(index => new SyncPart(phase.Name, index, PodsOf(phase.Name, index), IsOver(phase, index))));

    private bool HasFailed => FailedJobs.Any();

    /// <summary>The object that people get.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="store">The store with its credentials, where they are known; null has the address only.</param>
    /// <param name="problem">Why it failed.</param>
    public RegistrySyncJob ToJob(RegistryCluster cluster, RegistryStore? store, string? problem) => new()
    {
        Name = record.Name,
        Namespace = record.Namespace,
        Cluster = cluster,
        Status = Status,
        Direction = record.Direction,
        Claim = record.Claim,
        ClaimPath = record.ClaimPath,
        Store = store ?? record.Store,
        IsPartial = record.IsPartial,
        Image = record.Image,
        Shards = record.Shards,
        Parallelism = record.Parallelism,
        StartedAt = record.StartedAt,
        Parts = [.. Parts.Select(part => part.ToPart())],
        Succeeded = Parts.Count(part => part.Phase == Current.Name && part.State == RegistrySyncPartState.Succeeded),
        Problem = problem ?? FailedJobs.Select(Describe).Concat(Missing.Select(job => $"The Job {job} is missing: its start broke off, or somebody deleted it. Remove the rest with Stop-RegistrySync and start again.")).FirstOrDefault(),
    };

    /// <summary>That a Job gave up, and why.</summary>
    public static string Describe(Resource failed)
    {
        var condition = Condition(failed, "Failed");
        return $"The Job {failed.Name} gave up ({condition?.Text("reason")}: {condition?.Text("message")}).";
    }

    /// <summary>A condition of a Job that holds, or null.</summary>
    public static Resource? Condition(Resource job, string type) =>
        job.Items("status", "conditions").Where(condition => (string?)condition["type"] == type && (string?)condition["status"] == "True").Select(condition => new Resource(condition.AsObject())).FirstOrDefault();

    private bool IsComplete(SyncPhaseJobs phase) => phase.Jobs.All(name => _jobs.TryGetValue(name, out var job) && Condition(job, "Complete") is not null);

    // One Job for all parts, or one for each.
    private bool IsOver(SyncPhaseJobs phase, int index) =>
        _jobs.TryGetValue(phase.Jobs.Count == 1 ? phase.Jobs[0] : phase.Jobs[index], out var job) && (Condition(job, "Failed") ?? Condition(job, "Complete")) is not null;

    private List<Resource> PodsOf(string phase, int index) =>
        [.. pods.Where(pod => pod.Text("metadata", "labels", SyncNames.PhaseLabel) == phase && SyncNames.IndexOf(pod) == index)
            .OrderBy(pod => pod.Text("metadata", "creationTimestamp") ?? "", StringComparer.Ordinal).ThenBy(pod => pod.Name, StringComparer.Ordinal)];
}

/// <summary>One part of one phase.</summary>
/// <param name="Phase">all, blobs or links.</param>
/// <param name="Index">Which part.</param>
/// <param name="Pods">Its pods from the oldest to the newest.</param>
/// <param name="IsOver">Whether its Job makes no more of them.</param>
internal sealed record SyncPart(string Phase, int Index, IReadOnlyList<Resource> Pods, bool IsOver)
{
    /// <summary>The pod that did it, or the newest one; null before there is one.</summary>
    public Resource? Pod => Pods.FirstOrDefault(pod => pod.Text("status", "phase") == "Succeeded") ?? (Pods.Count > 0 ? Pods[^1] : null);

    /// <summary>How far it is.</summary>
    public RegistrySyncPartState State => Pod?.Text("status", "phase") switch
    {
        "Succeeded" => RegistrySyncPartState.Succeeded,
        "Running" => RegistrySyncPartState.Running,
        "Failed" when IsOver => RegistrySyncPartState.Failed,
        _ => RegistrySyncPartState.Waiting,
    };

    /// <summary>The object that people get.</summary>
    public RegistrySyncPart ToPart() => new(Phase, Index, State, Pods.Count, Pod?.Name, Pod?.Text("spec", "nodeName"));
}
