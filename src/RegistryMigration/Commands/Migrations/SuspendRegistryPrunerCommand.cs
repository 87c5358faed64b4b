using System.Management.Automation;
using RegistryMigration.Clusters.OpenShift.Steps;
using RegistryMigration.Engine.Journal;
using RegistryMigration.Model;

namespace RegistryMigration.Commands.Migrations;

/// <summary>Stops what deletes unused images, and waits until no run of it is left.</summary>
[Cmdlet(VerbsLifecycle.Suspend, "RegistryPruner", SupportsShouldProcess = true)]
[OutputType(typeof(MigrationStep))]
public sealed class SuspendRegistryPrunerCommand : MigrationStepCommand
{
    /// <inheritdoc />
    protected override void ProcessRecord() => RunStep("Suspend the pruner and wait for its running jobs", (context, _) =>
        Task.FromResult<IMigrationStep>(new SuspendPrunerStep(RecurringStep.IdOf(context.Migration.Steps, StepActions.SuspendPruner), StepWork.Of(context))));
}
