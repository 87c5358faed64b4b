using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.OpenShift.Steps;

/// <summary>What every step of OpenShift's procedure works with.</summary>
/// <param name="Client">The cluster.</param>
/// <param name="Time">The clock.</param>
/// <param name="Timeout">How long the cluster may take to do what was asked.</param>
/// <param name="Notices">Told what is waited for.</param>
public sealed record StepWork(IKubernetesClient Client, TimeProvider Time, TimeSpan Timeout, IProgress<string>? Notices = null)
{
    /// <summary>How long a roll-out of the registry usually may take, image pulls included.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromMinutes(15);

    /// <summary>The registry's configuration, which must be managed: otherwise the operator acts on nothing.</summary>
    /// <exception cref="ClusterException"><see cref="ClusterErrorKind.Precondition"/>: it is not.</exception>
    internal async Task<Resource> ReadManagedAsync(CancellationToken cancellationToken)
    {
        var config = await ImageRegistryReader.ReadConfigAsync(Client, cancellationToken);
        return config.Text("spec", "managementState") is "Managed" ? config : throw new ClusterException(
            ClusterErrorKind.Precondition,
            $"The image registry is {config.Text("spec", "managementState") ?? "without a management state"}, so that its operator acts on no change. Set it to Managed with Set-ImageRegistry first.")
        {
            Target = config.ToString(),
        };
    }

    /// <summary>Changes the configuration, waits until the registry runs as it says, and sees to it that the change lasted.</summary>
    /// <param name="plan">The operations for the configuration as it is; none where nothing is to be changed.</param>
    /// <param name="cancellationToken">Ends requests and waits.</param>
    /// <returns>The configuration then.</returns>
    internal async Task<Resource> ChangeAsync(Func<Resource, IEnumerable<JsonObject>> plan, CancellationToken cancellationToken)
    {
        // The operator writes into the spec too, and may drop what others wrote meanwhile (pkg/operator/controller.go).
        const int attempts = 3;
        for (var attempt = 1; ; attempt++)
        {
            var changed = await GuardedPatch.ApplyAsync(Client, OpenShiftTypes.Configs, ImageRegistryNames.Config, plan, Time, cancellationToken);
            await ConvergeAsync(changed, cancellationToken);
            var settled = await ImageRegistryReader.ReadConfigAsync(Client, cancellationToken);
            if (!plan(settled).Any())
                return settled;
            if (attempt == attempts)
                throw new ClusterException(ClusterErrorKind.Conflict, $"What was set in {changed} was taken back {attempts} times, by the operator or somebody else. See who writes it (metadata.managedFields) and the operator's log, then run the same command again.") { Target = changed.ToString() };
        }
    }
}
