using System.Collections;
using System.Management.Automation;
using RegistryMigration.Clusters.Migrations;
using RegistryMigration.Clusters.OpenShift;
using RegistryMigration.Clusters.Quay;
using RegistryMigration.Completion;
using RegistryMigration.Migrations;
using RegistryMigration.Model;
using RegistryMigration.Stores;

namespace RegistryMigration.Commands.Migrations;

/// <summary>The cut-over: makes the registry use another storage. Refused until writes are proven blocked, the last pass copied nothing, and the audit is clean.</summary>
[Cmdlet(VerbsCommon.Switch, "RegistryBackend", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High, DefaultParameterSetName = StoreSet)]
[OutputType(typeof(MigrationStep))]
public sealed class SwitchRegistryBackendCommand : MigrationStepCommand
{
    private const string StoreSet = "Store";
    private const string ClaimSet = "Claim";

    /// <summary>The store that was copied to: a Swift container, an S3 bucket, or a directory for a registry that runs in no cluster.</summary>
    [Parameter(ParameterSetName = StoreSet, Mandatory = true, Position = 1)]
    [StoreArgument]
    public RegistryStore? Destination { get; set; }

    /// <summary>OpenShift: the claim that was copied to, in the registry's namespace.</summary>
    [Parameter(ParameterSetName = ClaimSet, Mandatory = true)]
    [ValidateNotNullOrEmpty]
    [OnlyFor(OpenShiftSystem.SystemName)]
    public string? Claim { get; set; }

    /// <summary>OpenShift: pods of the registry; 2 where two nodes take them and the storage can be used by both, else 1.</summary>
    [Parameter]
    [ValidateRange(1, 32)]
    [OnlyFor(OpenShiftSystem.SystemName)]
    public int? Replicas { get; set; }

    /// <summary>Quay: the storage driver; chosen by the store when left out.</summary>
    [Parameter(ParameterSetName = StoreSet)]
    [ArgumentCompleter(typeof(DriverCompleter))]
    [OnlyFor(QuaySystem.SystemName)]
    public string? Driver { get; set; }

    /// <summary>Quay: more settings of the driver: <c>@{ maximum_chunk_size_mb = 100 }</c>.</summary>
    [Parameter(ParameterSetName = StoreSet)]
    [OnlyFor(QuaySystem.SystemName)]
    public Hashtable? DriverSetting { get; set; }

    /// <summary>Quay: the storage location, where there are several. Its name stays.</summary>
    [Parameter(ParameterSetName = StoreSet)]
    [OnlyFor(QuaySystem.SystemName)]
    public string? Location { get; set; }

    /// <summary>Quay: the account that the registry uses at the new storage (access key and secret key); that of the store when left out.</summary>
    [Parameter(ParameterSetName = StoreSet)]
    [OnlyFor(QuaySystem.SystemName)]
    public PSCredential? StorageCredential { get; set; }

    /// <summary>Quay: SHA-256 of a certificate of the storage's chain, where it can't be verified.</summary>
    [Parameter(ParameterSetName = StoreSet)]
    [OnlyFor(QuaySystem.SystemName)]
    public string? Fingerprint { get; set; }

    /// <summary>Quay: the registry to ask for its health; the one that the system tells of when left out.</summary>
    [Parameter]
    [OnlyFor(QuaySystem.SystemName)]
    public string? Registry { get; set; }

    /// <summary>Quay: a PEM file with authorities to trust besides the system's, when the registry is asked.</summary>
    [Parameter]
    [OnlyFor(QuaySystem.SystemName)]
    public string? CertificateAuthority { get; set; }

    /// <summary>Quay: trust anybody, when the registry is asked. Warns.</summary>
    [Parameter]
    [OnlyFor(QuaySystem.SystemName)]
    public SwitchParameter SkipCertificateCheck { get; set; }

    /// <summary>Quay without a cluster: restarts it, once its configuration has been written; where it is left out, somebody does that by hand while the cmdlet waits.</summary>
    [Parameter]
    [OnlyFor(QuaySystem.SystemName, Standalone = true)]
    public ScriptBlock? Restart { get; set; }

    /// <summary>Switch although interlocks refuse it; the journal keeps which. Images may be lost.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc />
    private protected override ScriptBlock? Restarting => Restart;

    /// <inheritdoc />
    protected override void ProcessRecord()
    {
        var tls = new TlsOptions { CertificateAuthorityPath = ResolveFile(CertificateAuthority), SkipCertificateCheck = SkipCertificateCheck };
        WarnWhenUnchecked(tls, Registry ?? "the registry");
        RunStep($"Switch the registry to {Destination?.ToString() ?? $"the claim {Claim}"}", (context, cancellationToken) => MigrationSystems.Of(context.Migration).SwitchAsync(context, new SwitchRequest
        {
            Destination = Destination,
            Claim = Claim,
            Replicas = Replicas,
            Driver = Driver,
            DriverSettings = DriverSettings.ToJson(DriverSetting),
            Location = Location,
            Account = StorageCredential is { } account ? new StorageAccount(account.UserName, Secrets.Of(account.Password)!) : null,
            Fingerprint = Fingerprint,
            Registry = Registry,
            RegistryTls = tls,
            Force = Force,
        }, cancellationToken));
    }
}
