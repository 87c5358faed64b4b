using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Model;
using static RegistryMigration.Engine.Checks.PreflightCheck;

namespace RegistryMigration.Clusters.OpenShift.Preflight;

/// <summary>Whether there is a registry that its operator manages, and whether it is well.</summary>
internal static class ConfigurationChecks
{
    public static async Task<(ImageRegistry? Registry, Resource? Config, RegistryCheck Check)> ReadAsync(IKubernetesClient client, CancellationToken cancellationToken)
    {
        const string name = "Configuration is served";
        try
        {
            var config = await ImageRegistryReader.ReadConfigAsync(client, cancellationToken);
            var registry = await ImageRegistryReader.ReadAsync(client, cancellationToken);
            return (registry, config, registry.Unread.Count == 0
                ? Passed(name, $"{config} in generation {registry.Generation}, version {registry.Version ?? "not told"}")
                : Warning(name, "Ask for the right to read these, or take into account that checks which need them are left out.", registry.Unread));
        }
        catch (ClusterException e) when (e.Kind is ClusterErrorKind.NotServed or ClusterErrorKind.NotFound or ClusterErrorKind.Denied)
        {
            return (null, null, Failed(name, e.Kind == ClusterErrorKind.Denied ? "Ask for the rights in docs/rbac/module.yaml." : "Check the cluster with Connect-RegistryCluster: it has no image registry that could be moved.", e.Message));
        }
    }

    public static RegistryCheck Managed(ImageRegistry registry)
    {
        const string name = "Operator manages the registry";
        return registry.ManagementState == "Managed"
            ? Passed(name, "managementState is Managed")
            : Failed(name, "Set it to Managed with Set-ImageRegistry: else the operator acts on no change.", $"managementState is {registry.ManagementState ?? "not set"}");
    }

    public static RegistryCheck Healthy(ImageRegistry registry)
    {
        const string name = "Registry is healthy";
        var unwell = new List<string>();
        Expect("Available", true);
        Expect("Progressing", false);
        Expect("Degraded", false);
        if (registry.ObservedGeneration < registry.Generation)
            unwell.Add(FormattableString.Invariant($"the operator works on generation {registry.ObservedGeneration} of {registry.Generation}"));
        if (registry.Deployment is not { } deployment)
            unwell.Add("there is no deployment");
        else if (!deployment.IsComplete)
            unwell.Add($"{deployment}");
        return unwell.Count > 0
            ? Failed(name, "Find the cause with Test-ImageRegistry and remove it first: a migration must begin from a registry that works.", unwell)
            : Passed(name, $"{registry.Deployment}");

        void Expect(string type, bool status)
        {
            if (registry.Condition(type) is not { } condition)
                unwell.Add($"there is no condition {type}");
            else if (condition.Status != status)
                unwell.Add($"{condition}");
        }
    }
}
