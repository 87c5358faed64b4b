using System.Management.Automation;
using RegistryMigration.Clusters.OpenShift.Preflight;
using RegistryMigration.Commands.Clusters;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Model;
using RegistryMigration.Stores;

namespace RegistryMigration.Commands.OpenShift;

/// <summary>The preflight: looks at everything that would stop a migration half way. Changes nothing.</summary>
[Cmdlet(VerbsDiagnostic.Test, "RegistryMigration")]
[OutputType(typeof(RegistryCheck), typeof(bool))]
public sealed class TestRegistryMigrationCommand : ClusterCommand
{
    /// <summary>The store that the images are to move to; its checks are left out without it.</summary>
    [Parameter(Position = 0)]
    [StoreArgument]
    public RegistryStore? Destination { get; set; }

    /// <summary>Pods that are to run after the switch.</summary>
    [Parameter]
    [ValidateRange(1, 32)]
    public int? Replicas { get; set; }

    /// <summary>Bytes that the registry keeps now (Measure-RegistryStore), to be compared with quotas.</summary>
    [Parameter]
    [ValidateRange(0L, long.MaxValue)]
    public long? UsedBytes { get; set; }

    /// <summary>Answer true or false only: whether nothing failed.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <inheritdoc />
    protected override void ProcessRecord()
    {
        if (Destination is { } destination)
            WarnWhenUnchecked(destination.Tls, destination.ToString());
        Run(Destination, async (output, cancellationToken) =>
        {
            using var client = await ConnectAsync(output, cancellationToken);
            var options = new PreflightOptions { Destination = Destination, Replicas = Replicas, UsedBytes = UsedBytes };
            var failed = 0;
            await foreach (var check in RegistryPreflight.RunAsync(client, options, StoreContext.Create(Time), cancellationToken))
            {
                failed += check.Status == CheckStatus.Failed ? 1 : 0;
                if (!Quiet)
                    await output.WriteAsync(check, cancellationToken);
            }

            if (Quiet)
                await output.WriteAsync(failed == 0, cancellationToken);
        });
    }
}
