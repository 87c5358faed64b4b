using System.Runtime.CompilerServices;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Quay;

/// <summary>Finds the QuayRegistry that is meant.</summary>
internal static class QuayFinder
{
    /// <summary>The one of that name, or the only one of the namespace.</summary>
    /// <exception cref="ClusterException">There is none, or several and no name.</exception>
    public static async Task<Resource> FindAsync(IKubernetesClient client, string @namespace, string? name, CancellationToken cancellationToken)
    {
        if (name is not null && await ServedAsync(client, () => client.FindAsync(QuayTypes.QuayRegistries, @namespace, name, cancellationToken)) is { } named)
            return named;
        var found = new List<Resource>();
        await foreach (var registry in AllAsync(client, @namespace, cancellationToken))
            found.Add(registry);
        var names = string.Join(", ", found.Select(registry => registry.Name).Order(StringComparer.Ordinal));
        if (name is not null)
            throw NotFound($"{client.Cluster} has no QuayRegistry '{name}' in the namespace {@namespace}{(found.Count == 0 ? ", nor any other. Get-QuayRegistry without -Namespace lists all." : $". It has: {names}.")}", @namespace);
        return found switch
        {
            [var only] => only,
            [] => throw NotFound($"{client.Cluster} has no QuayRegistry in the namespace {@namespace}. Get-QuayRegistry without -Namespace lists all; a Quay without the operator is given by its configuration file (-Path).", @namespace),
            _ => throw new ClusterException(ClusterErrorKind.Precondition, $"The namespace {@namespace} has several QuayRegistries: {names}. Name one with -Name.") { Target = $"{QuayTypes.QuayRegistries} in {@namespace}" },
        };
    }

    /// <summary>All of a namespace, or of the cluster.</summary>
    /// <exception cref="ClusterException">The cluster has no operator of Quay, or they may not be listed.</exception>
    public static async IAsyncEnumerable<Resource> AllAsync(IKubernetesClient client, string? @namespace, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var listing = client.ListAsync(QuayTypes.QuayRegistries, @namespace, ListOptions.All, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await ServedAsync(client, async () => await listing.MoveNextAsync()))
            yield return listing.Current;
    }

    private static async Task<T> ServedAsync<T>(IKubernetesClient client, Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (ClusterException e) when (e.Kind == ClusterErrorKind.NotServed)
        {
            throw new ClusterException(
                ClusterErrorKind.NotServed,
                $"{client.Cluster} does not serve {QuayTypes.QuayRegistries}: Quay's operator is not installed there. Check the context with Connect-RegistryCluster; a Quay without the operator is given by its configuration file (-Path).",
                e)
            { Reason = e.Reason, StatusCode = e.StatusCode, Target = $"{QuayTypes.QuayRegistries}" };
        }
    }

    private static ClusterException NotFound(string message, string @namespace) => new(ClusterErrorKind.NotFound, message) { Target = $"{QuayTypes.QuayRegistries} in {@namespace}" };
}
