using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Model;
using RegistryMigration.Stores;

namespace RegistryMigration.Completion;

/// <summary>Offers the contexts of the kubeconfig. Asks no server.</summary>
public sealed class ContextCompleter : IArgumentCompleter
{
    /// <inheritdoc />
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        try
        {
            return CompletionText.Matching(KubernetesClients.Contexts(new ClusterOptions { KubeConfig = GivenCluster.KubeConfig(fakeBoundParameters), Environment = ProcessVariables.ReadAll() }), wordToComplete);
        }
        catch (ClusterException)
        {
            // No completion is the answer; the cmdlet itself will say why.
            return [];
        }
    }
}
