using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.OpenShift.Steps;
using RegistryMigration.Clusters.Preflight;
using RegistryMigration.Model;
using static RegistryMigration.Engine.Checks.PreflightCheck;

namespace RegistryMigration.Clusters.OpenShift.Preflight;

/// <summary>Whether there is room for what will run: nodes for the replicas, network for a copy in the cluster.</summary>
internal static class CapacityChecks
{
    public static async Task<RegistryCheck> WorkersAsync(IKubernetesClient client, Resource config, PreflightOptions options, CancellationToken cancellationToken)
    {
        const string name = "Nodes for the replicas";
        try
        {
            var nodes = await SchedulableNodes.ReadAsync(client, config, cancellationToken);
            var evidence = nodes.Count == 0 ? "no node takes pods of the registry" : $"{nodes.Count} take pods of the registry: {string.Join(", ", nodes)}";
            return nodes.Count == 0 ? Failed(name, "Make a node schedulable for the registry: see its nodeSelector and tolerations with Get-ImageRegistry.", evidence)
                : nodes.Count >= 2 ? Passed(name, evidence)
                : options.Replicas is 2 ? Failed(name, "Two replicas run on two nodes only (anti-affinity by host name). Give -Replicas 1, or make another node schedulable.", evidence)
                : Warning(name, "The registry will run with one replica; with a second node it could run with two.", evidence);
        }
        catch (ClusterException e) when (e.Kind == ClusterErrorKind.Denied)
        {
            return Skipped(name, e.Message);
        }
    }

    public static async Task<RegistryCheck> NetworkAsync(IKubernetesClient client, CancellationToken cancellationToken)
    {
        const string name = "Network policies";
        try
        {
            var closing = new List<string>();
            await foreach (var policy in client.ListAsync(ResourceTypes.NetworkPolicies, ImageRegistryNames.Namespace, ListOptions.All, cancellationToken))
            {
                // Of everything, and nothing is let out: what runs here needs a policy of its own.
                if ((policy.Section("spec", "podSelector")?.Count ?? 0) == 0 && policy.Items("spec", "policyTypes").Any(type => (string?)type == "Egress") && !policy.Items("spec", "egress").Any())
                    closing.Add(policy.Name);
            }

            return closing.Count == 0
                ? Passed(name, "nothing keeps pods in the registry's namespace from the network")
                : Passed(name, $"{string.Join(", ", closing)} lets no pod out by itself: a copy in the cluster brings its own policy (to DNS, the login service and the store)");
        }
        catch (ClusterException e) when (e.Kind == ClusterErrorKind.Denied)
        {
            return Skipped(name, e.Message);
        }
    }
}
