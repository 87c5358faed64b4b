using RegistryMigration.Clusters.Kubernetes;

namespace RegistryMigration.Clusters.OpenShift.Convergence;

/// <summary>A registry that reached what was expected of it.</summary>
/// <param name="Config">The configuration when it did.</param>
/// <param name="Duration">How long it took.</param>
/// <param name="Warnings">What is wrong beside it and was not waited for: the pruner, the node CA daemon, what this account may not read.</param>
public sealed record ConvergenceResult(Resource Config, TimeSpan Duration, IReadOnlyList<string> Warnings);
