using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Migrations;

/// <summary>What steps and undos of every system work with.</summary>
/// <param name="Migration">The migration as it is now.</param>
/// <param name="Client">Its cluster; null for a registry that runs in none.</param>
/// <param name="Time">The clock.</param>
/// <param name="Timeout">How long the system may take for each thing it is asked.</param>
/// <param name="Notices">Told what is waited for.</param>
public sealed record StepContext(RegistryMigrationInfo Migration, IKubernetesClient? Client, TimeProvider Time, TimeSpan Timeout, IProgress<string>? Notices = null)
{
    /// <summary>How long a roll-out of a registry may take, image pulls included.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromMinutes(15);

    /// <summary>Restarts a registry that runs in no cluster; null where somebody does that by hand.</summary>
    public Func<CancellationToken, Task>? Restart { get; init; }
}
