using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Kubernetes.Changes;
using RegistryMigration.Clusters.Kubernetes.Reading;
using RegistryMigration.Clusters.Migrations.Steps;
using RegistryMigration.Clusters.OpenShift.Changes;
using RegistryMigration.Clusters.OpenShift.Reading;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.OpenShift.Steps;

/// <summary>OpenShift's registry refuses writes with <c>spec.readOnly</c>.</summary>
/// <param name="steps">The migration's steps so far.</param>
/// <param name="work">What to work with.</param>
public sealed class ReadOnlyGate(IReadOnlyList<MigrationStep> steps, StepWork work) : IWriteGate
{
    internal const string ReadOnly = "readOnly";

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <inheritdoc />
    public string Target => StepWork.ConfigName;

    /// <inheritdoc />
    public string? Hint => null;

    /// <inheritdoc />
    public bool IsProvenByRestart => false;

    /// <summary>Nothing: read-only, it refuses the end of an upload like its beginning.</summary>
    public string? MissingSince(MigrationStep switched) => null;

    /// <inheritdoc />
    public async Task<JsonObject> CaptureAsync(bool block, CancellationToken cancellationToken) =>
        SpecFields.Record(await work.ReadManagedAsync(cancellationToken), ReadOnly);

    /// <inheritdoc />
    public async Task<string> SetAsync(JsonObject before, bool block, CancellationToken cancellationToken)
    {
        await ChangeAsync(RegistryChange.OfRegistry().Set(block ? true : Writable(), ReadOnly), cancellationToken);
        return $"every pod runs with{(block ? "" : "out")} {ImageRegistryNames.ReadOnlyVariable}";
    }

    /// <inheritdoc />
    public async Task<string> RestoreAsync(JsonObject before, CancellationToken cancellationToken)
    {
        await ChangeAsync(RegistryChange.OfRegistry().Restore(before), cancellationToken);
        return $"{Describe(before)} again, and every pod runs so";
    }

    /// <inheritdoc />
    public string Describe(JsonObject before) => SpecFields.Describe(before);

    // What was recorded when writes were blocked first; a registry that was read-only by then is asked for by name to be so no longer.
    private JsonNode? Writable()
    {
        var first = steps.FirstOrDefault(step => step.Action == StepActions.BlockWrites)?.Before;
        var recorded = first is null ? false : SpecFields.Recorded(first, ReadOnly);
        return recorded is JsonValue value && value.TryGetValue<bool>(out var readOnly) && readOnly ? false : recorded?.DeepClone();
    }

    // Down to the last old pod.
    private async Task ChangeAsync(ConfigChange change, CancellationToken cancellationToken)
    {
        var config = await work.ChangeAsync(change, cancellationToken);
        await WaitForPodsAsync(config.Flag("spec", ReadOnly) ?? false, cancellationToken);
    }

    // A deployment counts no pod that is ending, and for its grace period that pod still finishes the pushes it had.
    private async Task WaitForPodsAsync(bool readOnly, CancellationToken cancellationToken)
    {
        var started = work.Time.GetTimestamp();
        while (true)
        {
            var others = new List<string>();
            await foreach (var pod in work.Client.ListAsync(ResourceTypes.Pods, ImageRegistryNames.Namespace, new ListOptions { Labels = ImageRegistryNames.RegistryPods }, cancellationToken))
            {
                if (pod.Text("status", "phase") is not ("Succeeded" or "Failed") && DeploymentReader.IsReadOnly(PodTemplate.OfPod(pod)) != readOnly)
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
}
