using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.OpenShift.Changes;
using RegistryMigration.Clusters.OpenShift.Reading;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.OpenShift.Steps;

/// <summary>What blocking and allowing writes have in common.</summary>
internal static class ReadOnlyWork
{
    public const string ReadOnly = "readOnly";

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Makes the change and waits until the registry runs with it, down to the last old pod.</summary>
    public static async Task<Resource> SetAsync(StepWork work, ConfigChange change, CancellationToken cancellationToken)
    {
        var config = await work.ChangeAsync(change, cancellationToken);
        await WaitForPodsAsync(work, config.Flag("spec", ReadOnly) ?? false, cancellationToken);
        return config;
    }

    // A deployment counts no pod that is ending, and for its grace period that pod still finishes the pushes it had.
    private static async Task WaitForPodsAsync(StepWork work, bool readOnly, CancellationToken cancellationToken)
    {
        var started = work.Time.GetTimestamp();
        while (true)
        {
            var others = new List<string>();
            await foreach (var pod in work.Client.ListAsync(ResourceTypes.Pods, ImageRegistryNames.Namespace, new ListOptions { Labels = ImageRegistryNames.RegistryPods }, cancellationToken))
            {
                if (pod.Text("status", "phase") is not ("Succeeded" or "Failed") && IsReadOnly(pod) != readOnly)
                    others.Add(pod.Name);
            }

            if (others.Count == 0)
                return;
            if (work.Time.GetElapsedTime(started) > work.Timeout)
                throw new ClusterException(ClusterErrorKind.TimedOut, FormattableString.Invariant($"After {work.Timeout.TotalSeconds:0} s there are still pods of the registry that were started before the change: {string.Join(", ", others)} in {ImageRegistryNames.Namespace}. Look why they do not end, then run the same command again."));
            work.Notices?.Report($"waiting for {string.Join(", ", others)} to end");
            await Task.Delay(Pause, work.Time, cancellationToken);
        }
    }

    // A pod has its containers where a deployment has a template with them.
    private static bool IsReadOnly(Resource pod) => DeploymentReader.IsReadOnly(new Resource(new JsonObject { ["spec"] = new JsonObject { ["template"] = new JsonObject { ["spec"] = pod.Section("spec")?.DeepClone() } } }));
}
