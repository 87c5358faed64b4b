using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Kubernetes.Changes;

namespace RegistryMigration.Clusters.OpenShift.Changes;

/// <summary>Changes of the configurations that OpenShift's registry has.</summary>
public static class RegistryChange
{
    /// <summary>A change of the registry's configuration, guarded by <see cref="RegistryRules"/>.</summary>
    public static ConfigChange OfRegistry() => OfRegistry(new RegistryRules());

    /// <summary>A change of the registry's configuration with other rules.</summary>
    /// <param name="rules">What is refused.</param>
    /// <param name="basis">The configuration that the new values were made from: where the named fields are something else by now the change is a conflict. Null reads it first.</param>
    public static ConfigChange OfRegistry(RegistryRules rules, Resource? basis = null)
    {
        ArgumentNullException.ThrowIfNull(rules);
        return new ConfigChange(OpenShiftTypes.Configs, null, ImageRegistryNames.Config) { Guard = rules.CheckAsync, Basis = basis, Reader = ImageRegistryReader.ReadConfigAsync };
    }

    /// <summary>A change of the pruner's configuration.</summary>
    public static ConfigChange OfPruner() => new(OpenShiftTypes.ImagePruners, null, ImageRegistryNames.Pruner);
}
