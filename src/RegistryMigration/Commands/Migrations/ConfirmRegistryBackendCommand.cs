using System.Management.Automation;
using RegistryMigration.Clusters.OpenShift.Steps;
using RegistryMigration.Engine.Journal;
using RegistryMigration.Model;

namespace RegistryMigration.Commands.Migrations;

/// <summary>Hands the new storage over to the system that runs the registry, which then deletes it together with the registry. Nothing else depends on it.</summary>
[Cmdlet(VerbsLifecycle.Confirm, "RegistryBackend", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(MigrationStep))]
public sealed class ConfirmRegistryBackendCommand : MigrationStepCommand
{
    /// <inheritdoc />
    protected override void ProcessRecord()
    {
        WriteWarning("With managed storage the operator deletes all images when the registry is removed (managementState Removed, or the configuration deleted). Unmanaged storage works as well and is never deleted.");
        RunStep("Let the operator manage the new storage", (context, _) =>
            Task.FromResult<IMigrationStep>(new ConfirmBackendStep(RecurringStep.IdOf(context.Migration.Steps, StepActions.ConfirmBackend), context.Migration, StepWork.Of(context))));
    }
}
