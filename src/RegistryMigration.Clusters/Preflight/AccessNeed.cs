using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Model;
using static RegistryMigration.Engine.Checks.PreflightCheck;

namespace RegistryMigration.Clusters.Preflight;

/// <summary>Rights that a procedure needs.</summary>
/// <param name="Type">To which resources.</param>
/// <param name="Namespace">Where; null for the whole cluster.</param>
/// <param name="Name">To which one, wherever a role may be limited to it; null for all.</param>
/// <param name="Verbs">To do what.</param>
internal sealed record AccessNeed(ResourceType Type, string? Namespace, string? Name, params string[] Verbs)
{
    /// <summary>Whether this account may do everything that a procedure does: it must not stop half way for a right that is missing.</summary>
    /// <param name="client">The cluster, which is asked by SelfSubjectAccessReview.</param>
    /// <param name="needs">What the procedure does.</param>
    /// <param name="hint">Where a role with everything is.</param>
    /// <param name="cancellationToken">Ends the requests.</param>
    public static async Task<RegistryCheck> CheckAsync(IKubernetesClient client, IEnumerable<AccessNeed> needs, string hint, CancellationToken cancellationToken)
    {
        const string name = "Permissions";
        var (asked, missing) = (0, new List<string>());
        foreach (var need in needs)
        {
            foreach (var verb in need.Verbs)
            {
                asked++;
                if (!await client.MayAsync(verb, need.Type, need.Namespace, need.Name, cancellationToken))
                    missing.Add($"{verb} {need.Type}{(need.Name is null ? "" : $"/{need.Name}")}{(need.Namespace is null ? "" : $" in {need.Namespace}")}");
            }
        }

        var who = client.Cluster.UserName ?? "This account";
        return missing.Count == 0
            ? Passed(name, $"{who} may do all {asked} things that the procedure does")
            : Failed(name, $"Grant {who} what is missing{hint}.", missing.Select(what => $"may not {what}"));
    }
}
