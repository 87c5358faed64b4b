using System.Management.Automation;
using RegistryMigration.Clusters;
using RegistryMigration.Clusters.OpenShift.Preflight;
using RegistryMigration.Clusters.Preflight;
using RegistryMigration.Clusters.Quay.Drivers;
using RegistryMigration.Clusters.Quay.Preflight;
using RegistryMigration.Commands.Clusters;
using RegistryMigration.Completion;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Model;
using RegistryMigration.Pipeline;
using RegistryMigration.Stores;

namespace RegistryMigration.Commands.Migrations;

/// <summary>The preflight: looks at everything that would stop a migration half way. Changes nothing but probes in Quay's new storage, which it deletes.</summary>
[Cmdlet(VerbsDiagnostic.Test, "RegistryMigration", DefaultParameterSetName = OpenShiftSet)]
[OutputType(typeof(RegistryCheck), typeof(bool))]
public sealed class TestRegistryMigrationCommand : ClusterCommand
{
    private const string OpenShiftSet = "OpenShift";
    private const string QuaySet = "Quay";

    /// <summary>The store that the images are to move to; its checks are left out without it.</summary>
    [Parameter(Position = 0)]
    [StoreArgument]
    public RegistryStore? Destination { get; set; }

    /// <summary>The Quay whose storage is to be moved; OpenShift's registry when left out.</summary>
    [Parameter(ParameterSetName = QuaySet, Mandatory = true, ValueFromPipeline = true)]
    [ValidateNotNull]
    public QuayRegistry? Quay { get; set; }

    /// <summary>Quay: the storage location that moves, where there are several.</summary>
    [Parameter(ParameterSetName = QuaySet)]
    public string? Location { get; set; }

    /// <summary>Quay: a PEM file with authorities that its storage of now is trusted by, besides the system's.</summary>
    [Parameter(ParameterSetName = QuaySet)]
    public string? CertificateAuthority { get; set; }

    /// <summary>Pods that are to run after the switch.</summary>
    [Parameter(ParameterSetName = OpenShiftSet)]
    [ValidateRange(1, 32)]
    public int? Replicas { get; set; }

    /// <summary>Bytes that the registry keeps now (Measure-RegistryStore), to be compared with quotas.</summary>
    [Parameter]
    [ValidateRange(0L, long.MaxValue)]
    public long? UsedBytes { get; set; }

    /// <summary>Answer true or false only: whether nothing failed.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <summary>The cluster of OpenShift's registry, or the name of a context of the kubeconfig; a Quay brings its own.</summary>
    [Parameter(ParameterSetName = OpenShiftSet, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ContextCompleter))]
    [ClusterArgument]
    [ValidateNotNull]
    public override RegistryCluster? Cluster { get; set; }

    /// <inheritdoc />
    protected override void ProcessRecord()
    {
        if (Destination is { } destination)
            WarnWhenUnchecked(destination.Tls, destination.ToString());
        Run(Destination, async (output, cancellationToken) =>
        {
            var failed = 0;
            await foreach (var check in ChecksAsync(output, cancellationToken))
            {
                failed += check.Status == CheckStatus.Failed ? 1 : 0;
                if (!Quiet)
                    await output.WriteAsync(check, cancellationToken);
            }

            if (Quiet)
                await output.WriteAsync(failed == 0, cancellationToken);
        });
    }

    private async IAsyncEnumerable<RegistryCheck> ChecksAsync(ICommandOutput output, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var options = new PreflightOptions { Destination = Destination, Location = Location, Replicas = Replicas, UsedBytes = UsedBytes };
        var context = StoreContext.Create(Time);
        // A standalone Quay has no cluster.
        using var client = Quay is null ? await ConnectAsync(output, cancellationToken)
            : Quay.Namespace is null ? null
            : await ConnectAsync(Quay.Cluster ?? TargetCluster, output, cancellationToken);
        var checks = Quay is { } quay ? QuayPreflight.RunAsync(Trusting(quay), client, options, context, cancellationToken) : RegistryPreflight.RunAsync(client!, options, context, cancellationToken);
        await foreach (var check in checks)
            yield return check;
    }

    private QuayRegistry Trusting(QuayRegistry quay) => ResolveFile(CertificateAuthority) is not { } authority ? quay
        : quay with { Locations = [.. quay.Locations.Select(location => DriverStores.Trusting(location, new TlsOptions { CertificateAuthorityPath = authority }))] };
}
