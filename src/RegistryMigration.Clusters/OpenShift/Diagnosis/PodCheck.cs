using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Kubernetes.Reading;

namespace RegistryMigration.Clusters.OpenShift.Diagnosis;

/// <summary>Pods: ready, and not started again and again.</summary>
internal sealed class PodCheck(string name, string pods, bool isRegistry) : IDiagnosisCheck
{
    // A node's reboot explains some.
    private const long ManyRestarts = 5;

    public string Name => name;

    public async Task<Finding> RunAsync(DiagnosisContext context, CancellationToken cancellationToken)
    {
        var found = await context.ListAsync(ResourceTypes.Pods, new ListOptions { Labels = pods }, cancellationToken);
        var alive = found.Where(pod => pod.Text("status", "phase") is not ("Succeeded" or "Failed")).ToList();
        if (alive.Count == 0)
        {
            return isRegistry && (!context.IsManaged || context.Config?.Number("spec", "replicas") == 0)
                ? Finding.Skip("No registry is asked for, so there need be no pods.")
                : new Finding().Fail($"There is no pod with the label {pods}.", "Look at the deployment above and at the events of its namespace: a quota or an admission may refuse the pods.");
        }

        var finding = new Finding();
        foreach (var pod in alive)
        {
            if (PodState.TroubleOf(pod) is { } trouble)
                finding.Fail(trouble, NextStepOf(trouble));
            else
                finding.See($"pod {pod.Name} is ready on {pod.Text("spec", "nodeName")}");
            var restarts = pod.Items("status", "containerStatuses").Select(JsonText.ObjectOf).Sum(container => container.Number("restartCount") ?? 0);
            if (restarts >= ManyRestarts)
                finding.Warn($"pod {pod.Name} was restarted {restarts} times", $"See why it ended: oc logs {pod.Name} -n {ImageRegistryNames.Namespace} --previous.");
        }

        return finding;
    }

    private static string NextStepOf(string trouble) => trouble switch
    {
        _ when trouble.Contains("CrashLoopBackOff", StringComparison.Ordinal) => "The check of the log below says why it ends; wrong storage credentials are the usual cause.",
        _ when trouble.Contains("ImagePull", StringComparison.Ordinal) => "The node can't pull the image: look at its registry, its pull secret and the node's network.",
        _ when trouble.Contains("not scheduled", StringComparison.Ordinal) => "No node fits: look at -NodeSelector and -Toleration of Set-ImageRegistry, and at the number of nodes, since two replicas never share one.",
        _ when trouble.Contains("ContainerCreating", StringComparison.Ordinal) => "The volume or a secret is not there yet: look at the events and the storage below. A ReadWriteOnce volume may still be held by another node.",
        _ => "Look at the log and the events below.",
    };
}
