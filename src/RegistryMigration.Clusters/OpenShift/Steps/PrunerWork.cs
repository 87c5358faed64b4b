using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Kubernetes.Changes;
using RegistryMigration.Clusters.OpenShift.Reading;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.OpenShift.Steps;

/// <summary>What stopping and resuming the pruner have in common.</summary>
/// <remarks>The pruner deletes blobs through an interface of the registry that read-only does not close (image-registry, pkg/dockerregistry/server/admin.go).</remarks>
internal static class PrunerWork
{
    public const string Suspend = "suspend";
    public const string Target = "imagepruners.imageregistry.operator.openshift.io/cluster";

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>The pruner's recorded fields; <c>exists: false</c> where there is none.</summary>
    public static async Task<JsonObject> RecordAsync(StepWork work, CancellationToken cancellationToken) =>
        await work.Client.FindAsync(OpenShiftTypes.ImagePruners, null, ImageRegistryNames.Pruner, cancellationToken) is { } pruner
            ? SpecFields.Record(pruner, Suspend)
            : new JsonObject { ["exists"] = false };

    public static bool Exists(JsonObject record) => record["exists"] is not JsonValue value || value.GetValue<bool>();

    /// <summary>Makes the change; returns the pruner then.</summary>
    public static async Task<Resource> SetAsync(StepWork work, ConfigChange change, CancellationToken cancellationToken) =>
        (await change.ApplyAsync(work.Client, work.Time, cancellationToken)).After;

    /// <summary>Waits until the operator has suspended the CronJob and no run is left.</summary>
    /// <returns>The runs that were waited for.</returns>
    public static async Task<IReadOnlyList<string>> WaitUntilIdleAsync(StepWork work, CancellationToken cancellationToken)
    {
        var cronJobs = await work.Client.DiscoverAsync("batch", "cronjobs", cancellationToken);
        var seen = new SortedSet<string>(StringComparer.Ordinal);
        var started = work.Time.GetTimestamp();
        while (true)
        {
            var busy = await BusyAsync(work, cronJobs, cancellationToken);
            if (busy.Count == 0)
                return [.. seen];
            foreach (var what in busy)
                seen.Add(what);
            if (work.Time.GetElapsedTime(started) > work.Timeout)
                throw new ClusterException(ClusterErrorKind.TimedOut, FormattableString.Invariant($"After {work.Timeout.TotalSeconds:0} s the pruner still works: {string.Join(", ", busy)} in {ImageRegistryNames.Namespace}. It starts no new run. Wait for it or delete the Job, then run the same command again.")) { Target = Target };
            work.Notices?.Report($"waiting for {string.Join(", ", busy)}");
            await Task.Delay(Pause, work.Time, cancellationToken);
        }
    }

    private static async Task<IReadOnlyList<string>> BusyAsync(StepWork work, ResourceType? cronJobs, CancellationToken cancellationToken)
    {
        var busy = new List<string>();
        // A CronJob that is not suspended yet may start a run after the others were counted.
        var cronJob = cronJobs is null ? null : await FindCronJobAsync(work, cronJobs, cancellationToken);
        if (cronJob is not null && cronJob.Flag("spec", Suspend) != true)
            busy.Add($"CronJob {cronJob.Name} to be suspended by the operator");
        await foreach (var job in work.Client.ListAsync(ResourceTypes.Jobs, ImageRegistryNames.Namespace, new ListOptions { Labels = ImageRegistryNames.PrunerJobs }, cancellationToken))
        {
            if (PrunerReader.IsRunning(job))
                busy.Add($"Job {job.Name}");
        }

        return busy;
    }

    private static async Task<Resource?> FindCronJobAsync(StepWork work, ResourceType cronJobs, CancellationToken cancellationToken)
    {
        try
        {
            return await work.Client.FindAsync(cronJobs, ImageRegistryNames.Namespace, ImageRegistryNames.PrunerCronJob, cancellationToken);
        }
        catch (ClusterException e) when (e.Kind == ClusterErrorKind.Denied)
        {
            work.Notices?.Report($"This account may not look whether the operator has suspended the pruner's CronJob: {e.Message}");
            return null;
        }
    }
}
