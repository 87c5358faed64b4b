using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Kubernetes.Reading;
using RegistryMigration.Clusters.Migrations;
using RegistryMigration.Clusters.Quay.Configuration;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Quay.Steps;

/// <summary>Waits until every pod of a Quay runs with a config bundle.</summary>
/// <param name="client">The cluster.</param>
/// <param name="context">How long that may take, and who is told.</param>
/// <param name="name">The QuayRegistry.</param>
internal sealed class QuayRollout(IKubernetesClient client, StepContext context, string name)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    // The operator writes the condition some seconds after a change, so one of before has to be given time to go.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(20);

    // What the operator takes over from the bundle as it is; all else of storage it may have written itself.
    private static readonly string[] Taken = ["DISTRIBUTED_STORAGE_CONFIG", "DISTRIBUTED_STORAGE_PREFERENCE"];

    private string Namespace => context.Migration.Namespace!;

    /// <summary>Ends when no pod runs with anything else.</summary>
    /// <param name="bundle">The Secret.</param>
    /// <param name="cancellationToken">Ends the wait; what was changed stays changed.</param>
    /// <param name="left">What it ran with before: where the bundle leaves the storage to the operator, nothing else tells whether that is back.</param>
    /// <returns>What runs so, in words.</returns>
    /// <exception cref="ClusterException">
    /// <see cref="ClusterErrorKind.TimedOut"/>, with what the pods say; <see cref="ClusterErrorKind.Precondition"/>: the operator refuses the bundle, new pods
    /// do not start with it, or somebody has pointed elsewhere.
    /// </exception>
    public async Task<string> WaitAsync(string bundle, CancellationToken cancellationToken, QuayConfig? left = null)
    {
        var started = context.Time.GetTimestamp();
        while (true)
        {
            var sources = await QuaySources.ReadAsync(client, Namespace, name, cancellationToken);
            if (sources.Registry.Text("spec", "configBundleSecret") is var now && now != bundle)
                throw Refused($"Somebody has pointed {name} to {now} meanwhile; it was to run with {bundle}. Look at it with Get-QuayRegistry, then run the same command again or undo.");
            var waited = context.Time.GetElapsedTime(started);
            RefuseBlocked(sources.Registry, waited);
            var deployment = RolloutReader.Read(sources.Deployment);
            var older = Older(sources, deployment, left);
            var missing = older ?? (deployment!.IsComplete ? await OthersAsync(sources, cancellationToken) : deployment.ToString());
            if (missing is null)
                return $"{deployment!.Available} of {deployment.Replicas} pods run with {bundle}";
            // Until then the pods that crash are those of a configuration that is being left.
            if (older is null)
                await RefuseCrashedAsync(sources, waited, cancellationToken);
            if (waited > context.Timeout)
                throw new ClusterException(ClusterErrorKind.TimedOut, FormattableString.Invariant($"After {context.Timeout.TotalSeconds:0} s {name} does not run with {bundle}: {missing}. {string.Join("; ", await TroubleAsync(sources, cancellationToken))} See the operator's log, then run the same command again, or undo with Undo-RegistryMigration.")) { Target = bundle };
            context.Notices?.Report($"waiting: {missing}");
            await Task.Delay(Pause, context.Time, cancellationToken);
        }
    }

    private static string? Older(QuaySources sources, RegistryDeployment? deployment, QuayConfig? left)
    {
        if (sources.BundleConfig is not { } given)
            return "the bundle is not readable";
        if (sources.RenderedConfig is not { } effective || deployment is null)
            return "the operator has made no configuration of it yet";
        if (QuayStates.Of(effective) != QuayStates.Of(given) || Taken.Any(key => given.At(key) is { } wanted && !JsonNode.DeepEquals(wanted, effective.At(key))))
            return "the deployment has an older configuration";
        if (given.At(Taken[0]) is null && left?.At(Taken[0]) is { } other && JsonNode.DeepEquals(other, effective.At(Taken[0])))
            return "the deployment has another storage than the operator's";
        return null;
    }

    // A pod that ends still takes what it had begun to take, and a deployment does not count it.
    private async Task<string?> OthersAsync(QuaySources sources, CancellationToken cancellationToken)
    {
        var others = new List<string>();
        await foreach (var pod in PodsAsync(sources, cancellationToken))
        {
            if (pod.Text("status", "phase") is not ("Succeeded" or "Failed") && QuaySources.RenderedOf(pod, name) != sources.RenderedName)
                others.Add(pod.Name);
        }

        return others.Count == 0 ? null : $"{string.Join(", ", others)} still runs with an older configuration";
    }

    private void RefuseBlocked(Resource registry, TimeSpan waited)
    {
        if (waited > Grace && ConditionReader.Read(registry).FirstOrDefault(condition => condition is { Type: "RolloutBlocked", Status: true }) is { } blocked)
            throw Refused($"The operator does not roll the new configuration out: {(blocked.Message ?? blocked.Reason)?.TrimEnd('.')}. Pods go on with the old one. Remove the cause and run the same command again, or undo with Undo-RegistryMigration.");
    }

    // A configuration that Quay does not start with shows at once; the old pods go on serving meanwhile.
    private async Task RefuseCrashedAsync(QuaySources sources, TimeSpan waited, CancellationToken cancellationToken)
    {
        if (waited < Grace)
            return;
        await foreach (var pod in PodsAsync(sources, cancellationToken))
        {
            var crashed = pod.Items("status", "containerStatuses").Select(JsonText.ObjectOf).Any(container => container.Number("restartCount") >= 2 && container.Text("state", "waiting", "reason") == "CrashLoopBackOff");
            if (crashed && QuaySources.RenderedOf(pod, name) == sources.RenderedName)
                throw Refused($"Quay does not start with the new configuration: pod {pod.Name} in {Namespace} ends again and again (see its log). Undo with Undo-RegistryMigration: the old pods are still there.");
        }
    }

    private async Task<IReadOnlyList<string>> TroubleAsync(QuaySources sources, CancellationToken cancellationToken)
    {
        var trouble = new List<string>();
        await foreach (var pod in PodsAsync(sources, cancellationToken))
        {
            if (PodState.TroubleOf(pod) is { } told)
                trouble.Add(told);
        }

        return trouble;
    }

    private async IAsyncEnumerable<Resource> PodsAsync(QuaySources sources, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (sources.Deployment?.Section("spec", "selector", "matchLabels") is not { } labels)
            yield break;
        var options = new ListOptions { Labels = string.Join(',', labels.Select(label => $"{label.Key}={(string?)label.Value}")) };
        await foreach (var pod in client.ListAsync(ResourceTypes.Pods, Namespace, options, cancellationToken))
            yield return pod;
    }

    private ClusterException Refused(string message) => new(ClusterErrorKind.Precondition, message) { Target = $"{QuayTypes.QuayRegistries}/{name} in {Namespace}" };
}
