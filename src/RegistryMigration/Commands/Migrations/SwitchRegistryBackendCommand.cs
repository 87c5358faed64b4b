using System.Management.Automation;
using RegistryMigration.Clusters.OpenShift;
using RegistryMigration.Clusters.OpenShift.Steps;
using RegistryMigration.Engine.Journal;
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

    /// <summary>The store that was copied to: a Swift container or an S3 bucket.</summary>
    [Parameter(ParameterSetName = StoreSet, Mandatory = true, Position = 1)]
    [StoreArgument]
    public RegistryStore? Destination { get; set; }

    /// <summary>The claim that was copied to, in the registry's namespace.</summary>
    [Parameter(ParameterSetName = ClaimSet, Mandatory = true)]
    [ValidateNotNullOrEmpty]
    public string? Claim { get; set; }

    /// <summary>Pods of the registry; 2 where two nodes take them and the storage can be used by both, else 1.</summary>
    [Parameter]
    [ValidateRange(1, 32)]
    public int? Replicas { get; set; }

    /// <summary>Switch although interlocks refuse it; the journal keeps which. Images may be lost.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc />
    protected override void ProcessRecord() => RunStep($"Switch the registry to {Destination?.ToString() ?? $"the claim {Claim}"}", async (migration, work, cancellationToken) =>
    {
        var target = Claim is { } claim ? BackendTarget.OfClaim(claim)
            : BackendTarget.OfStore(Destination!, (await ImageRegistryReader.ReadAsync(work.Client, cancellationToken)).Credentials);
        if (RemovalGate.SwitchOf(migration.Steps) is { } done && done.Target != target.Storage.ToString())
            throw new ClusterException(ClusterErrorKind.Precondition, $"This migration switched to {done.Target} already, and nothing was changed now. Undo that first, or begin another migration to {target.Storage}.");
        var options = new SwitchOptions { Replicas = Replicas, Force = Force };
        return new SwitchBackendStep(RecurringStep.IdOf(migration.Steps, StepActions.SwitchBackend), migration, target, options, work);
    });
}
