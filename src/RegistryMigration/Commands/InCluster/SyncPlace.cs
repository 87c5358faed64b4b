using RegistryMigration.Model;

namespace RegistryMigration.Commands.InCluster;

/// <summary>In which namespace a copy is.</summary>
internal static class SyncPlace
{
    /// <summary>The namespace that was given, or the context's.</summary>
    /// <exception cref="ClusterException">Neither says one.</exception>
    public static string Namespace(string? given, RegistryCluster cluster) => given ?? cluster.Namespace
        ?? throw new ClusterException(ClusterErrorKind.Configuration, "No namespace is known. Give -Namespace: that of the claim.");
}
