using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Runtime.CompilerServices;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Model;

namespace RegistryMigration.Completion;

/// <summary>Offers the namespaces of the cluster that is meant.</summary>
public sealed class NamespaceCompleter : IArgumentCompleter
{
    // What an account without the right to list namespaces may see of them on OpenShift.
    private static readonly ResourceType Projects = new("project.openshift.io", "v1", "projects", "Project", Namespaced: false);

    /// <inheritdoc />
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        GivenCluster.Options(fakeBoundParameters) is { } options
            ? CompletionText.Matching(TimedNames.Get(string.Join('\n', ["namespaces", options.Context, options.Server?.AbsoluteUri, .. options.KubeConfig]), token => NamesAsync(options, token), TimeProvider.System), wordToComplete)
            : [];

    private static async IAsyncEnumerable<string> NamesAsync(ClusterOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var client = await KubernetesClients.ConnectAsync(options with { Timeout = TimedNames.Patience }, TimeProvider.System, cancellationToken);
        var type = await client.MayAsync("list", ResourceTypes.Namespaces, null, null, cancellationToken) ? ResourceTypes.Namespaces : Projects;
        await foreach (var found in client.ListAsync(type, null, ListOptions.All, cancellationToken))
            yield return found.Name;
    }
}
