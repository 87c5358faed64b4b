using System.Management.Automation;
using RegistryMigration.Model;
using RegistryMigration.Stores;

namespace RegistryMigration.Clusters;

/// <summary>Lets a cluster parameter take a cluster or the name of a context of the kubeconfig.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ClusterArgumentAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc />
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        return value is string context ? OfContext(context) : inputData;
    }

    private static RegistryCluster OfContext(string context)
    {
        try
        {
            return RegistryMigration.Clusters.Kubernetes.KubernetesClients.Describe(new ClusterOptions { Context = context, Environment = ProcessVariables.ReadAll() });
        }
        catch (ClusterException e)
        {
            throw new ArgumentTransformationMetadataException(e.Message, e);
        }
    }
}
