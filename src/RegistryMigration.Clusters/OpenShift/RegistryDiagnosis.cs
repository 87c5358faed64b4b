using System.Runtime.CompilerServices;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.OpenShift.Diagnosis;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.OpenShift;

/// <summary>Finds out what is wrong with an image registry, from its operator to a pull. Changes nothing.</summary>
public static class RegistryDiagnosis
{
    private static readonly IReadOnlyList<IDiagnosisCheck> Checks =
    [
        new ClusterOperatorCheck(),
        new DeploymentCheck("OperatorDeployment", ImageRegistryNames.OperatorDeployment, isRegistry: false),
        new PodCheck("OperatorPods", ImageRegistryNames.OperatorPods, isRegistry: false),
        new LogCheck("OperatorLog", ImageRegistryNames.OperatorPods, isRegistry: false),
        new ConfigurationCheck(),
        new DeploymentCheck("RegistryDeployment", ImageRegistryNames.Deployment, isRegistry: true),
        new PodCheck("RegistryPods", ImageRegistryNames.RegistryPods, isRegistry: true),
        new LogCheck("RegistryLog", ImageRegistryNames.RegistryPods, isRegistry: true),
        new EventCheck(),
        new StorageCheck(),
        new CredentialCheck(),
        new RouteCheck(),
        new PullCheck(),
    ];

    /// <summary>Makes the checks in order; each comes as soon as it is made.</summary>
    /// <exception cref="ClusterException"><see cref="ClusterErrorKind.NotServed"/> where the cluster is no OpenShift; else when the cluster can't be talked to.</exception>
    public static async IAsyncEnumerable<RegistryCheck> RunAsync(
        IKubernetesClient client, DiagnosisOptions options, TimeProvider time, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var context = new DiagnosisContext(client, await FindConfigAsync(client, cancellationToken), options, time);
        var order = 0;
        foreach (var check in Checks)
            yield return (await RunAsync(check, context, cancellationToken)).ToCheck(++order, check.Name);
    }

    private static async Task<Finding> RunAsync(IDiagnosisCheck check, DiagnosisContext context, CancellationToken cancellationToken)
    {
        try
        {
            return await check.RunAsync(context, cancellationToken);
        }
        catch (ClusterException e) when (e.Kind is ClusterErrorKind.Denied or ClusterErrorKind.NotServed)
        {
            return Finding.Skip(e.Message);
        }
    }

    private static async Task<Resource?> FindConfigAsync(IKubernetesClient client, CancellationToken cancellationToken)
    {
        try
        {
            return await ImageRegistryReader.ReadConfigAsync(client, cancellationToken);
        }
        catch (ClusterException e) when (e.Kind == ClusterErrorKind.NotFound)
        {
            return null;
        }
    }
}
