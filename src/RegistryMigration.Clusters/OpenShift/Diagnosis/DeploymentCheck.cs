using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.OpenShift.Reading;

namespace RegistryMigration.Clusters.OpenShift.Diagnosis;

/// <summary>A deployment: whether it is there, rolled out and available.</summary>
internal sealed class DeploymentCheck(string name, string deployment, bool isRegistry) : IDiagnosisCheck
{
    public string Name => name;

    public async Task<Finding> RunAsync(DiagnosisContext context, CancellationToken cancellationToken)
    {
        var found = DeploymentReader.Read(await context.Client.FindAsync(ResourceTypes.Deployments, ImageRegistryNames.Namespace, deployment, cancellationToken));
        if (found is null)
            return Missing(context);
        var finding = new Finding();
        if (found.Replicas == 0)
            finding.Warn($"{found}: it is scaled to nothing.", isRegistry ? "Set-ImageRegistry -Replicas 1 (or more) starts it." : $"Scale it to 1: oc scale deployment/{deployment} -n {ImageRegistryNames.Namespace} --replicas 1.");
        else if (found.Available == 0)
            finding.Fail($"{found}", "The check of the pods below says why none comes up.");
        else if (!found.IsComplete)
            finding.Warn($"{found}; {found.Current} pods in all", "It is rolling out. If it stays so, the check of the pods below says why.");
        else
            finding.See($"{found}");
        foreach (var condition in found.Conditions.Where(condition => condition is { Type: "Progressing", Status: false } or { Type: "ReplicaFailure", Status: true }))
            finding.Fail($"{condition}", "The check of the pods and the events below says why new pods do not come up.");
        if (isRegistry && found.StorageDriver is { } driver)
            finding.See($"runs on {driver} {found.StorageLocation}".TrimEnd() + (found.ReadOnly ? ", writes refused" : ""));
        return finding;
    }

    private Finding Missing(DiagnosisContext context) => isRegistry
        ? context.IsManaged
            ? new Finding().Fail($"There is no deployment {deployment}.", "The operator makes it: the conditions of the configuration above say what keeps it from that.")
            : Finding.Skip("The operator does not manage a registry, so there need not be one.")
        : new Finding().Fail($"There is no deployment {deployment}.", "The cluster version operator installs it: look at the clusterversion's conditions (oc describe clusterversion).");
}
