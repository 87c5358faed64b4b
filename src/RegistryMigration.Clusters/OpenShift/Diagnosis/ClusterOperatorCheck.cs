using RegistryMigration.Clusters.Kubernetes.Reading;
using RegistryMigration.Clusters.OpenShift.Reading;

namespace RegistryMigration.Clusters.OpenShift.Diagnosis;

/// <summary>The clusteroperator, and whose fault it is that it is not as it should be.</summary>
internal sealed class ClusterOperatorCheck : IDiagnosisCheck
{
    public string Name => "ClusterOperator";

    public async Task<Finding> RunAsync(DiagnosisContext context, CancellationToken cancellationToken)
    {
        var found = await context.Client.FindAsync(OpenShiftTypes.ClusterOperators, null, ImageRegistryNames.ClusterOperator, cancellationToken);
        if (found is null)
        {
            return new Finding().Fail(
                $"There is no clusteroperator {ImageRegistryNames.ClusterOperator}.",
                "The cluster version operator installs it: look at the clusterversion's conditions (oc describe clusterversion), and whether the capability ImageRegistry is enabled.");
        }

        var finding = new Finding();
        foreach (var condition in ConditionReader.Read(found).Where(condition => condition.Type is "Available" or "Progressing" or "Degraded"))
        {
            if (OperatorUnion.Judge(condition, context.Conditions) is not { } fault)
                finding.See($"{condition.Type}={condition.Status}");
            else if (fault.IsForeign)
                finding.Warn($"{condition}", $"It comes from {fault.Origin}, not from the registry or its storage. Images are served; look at {fault.Origin}.");
            else if (condition.Type == "Progressing")
                finding.Warn($"{condition}", "The operator is at work. If it stays so, the checks of the configuration and the deployment below say what it waits for.");
            else
                finding.Fail($"{condition}", "The checks of the configuration and the deployment below say why.");
        }

        return finding;
    }
}
