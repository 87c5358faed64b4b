using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Kubernetes.Changes;
using RegistryMigration.Clusters.Migrations;
using RegistryMigration.Clusters.OpenShift.Convergence;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.OpenShift.Steps;

/// <summary>What every step of OpenShift's procedure works with.</summary>
/// <param name="Client">The cluster.</param>
/// <param name="Time">The clock.</param>
/// <param name="Timeout">How long the cluster may take to do what was asked.</param>
/// <param name="Notices">Told what is waited for.</param>
public sealed record StepWork(IKubernetesClient Client, TimeProvider Time, TimeSpan Timeout, IProgress<string>? Notices = null)
{
    // The operator writes into the spec too, and may drop what others wrote meanwhile (pkg/operator/controller.go).
    private const int Attempts = 3;

    /// <summary>What a step of OpenShift's registry works with.</summary>
    /// <exception cref="ClusterException"><see cref="ClusterErrorKind.Precondition"/>: the migration is not about OpenShift's registry.</exception>
    public static StepWork Of(StepContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context is { Client: { } client, Migration.System: OpenShiftSystem.SystemName }
            ? new StepWork(client, context.Time, context.Timeout, context.Notices)
            : throw new ClusterException(ClusterErrorKind.Precondition, $"Migration {context.Migration.Name} is of the system '{context.Migration.System}', and this step is one of OpenShift's image registry alone. Leave it out; or begin the migration with New-RegistryMigration -System {OpenShiftSystem.SystemName}.");
    }

    /// <summary>The registry's configuration as its object is named in messages.</summary>
    internal static string ConfigName => $"{OpenShiftTypes.Configs}/{ImageRegistryNames.Config}";

    /// <summary>The registry's configuration, which must be managed: otherwise the operator acts on nothing.</summary>
    /// <exception cref="ClusterException"><see cref="ClusterErrorKind.Precondition"/>: it is not.</exception>
    internal async Task<Resource> ReadManagedAsync(CancellationToken cancellationToken)
    {
        var config = await ImageRegistryReader.ReadConfigAsync(Client, cancellationToken);
        RequireManaged(config);
        return config;
    }

    /// <summary>Refuses a configuration that the operator does not act on: the wait for what was changed would end with nothing done.</summary>
    internal static void RequireManaged(Resource config)
    {
        if (config.Text("spec", "managementState") is not "Managed" and var state)
            throw Refused($"The image registry is {state ?? "without a management state"}, so that its operator acts on no change. Set it to Managed with Set-ImageRegistry first.");
    }

    /// <summary>Changes the configuration, waits until the registry runs as it says, and sees to it that the change lasted.</summary>
    /// <returns>The configuration then.</returns>
    internal async Task<Resource> ChangeAsync(ConfigChange change, CancellationToken cancellationToken)
    {
        change.When(RequireManaged);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var outcome = await change.ApplyAsync(Client, Time, cancellationToken);
                var reached = await RegistryConvergence.WaitAsync(Client, RegistryExpectation.Of(outcome), Timeout, Notices, Time, cancellationToken);
                foreach (var warning in reached.Warnings)
                    Notices?.Report(warning);
                return reached.Config;
            }
            catch (ClusterException e) when (e.Kind == ClusterErrorKind.Conflict && attempt < Attempts)
            {
                Notices?.Report(e.Message);
            }
        }
    }

    internal static ClusterException Refused(string message) => new(ClusterErrorKind.Precondition, message) { Target = ConfigName };
}
