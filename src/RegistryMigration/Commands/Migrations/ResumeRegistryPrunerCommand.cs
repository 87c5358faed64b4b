using System.Management.Automation;
using RegistryMigration.Clusters.OpenShift.Steps;
using RegistryMigration.Engine.Journal;
using RegistryMigration.Model;

namespace RegistryMigration.Commands.Migrations;

/// <summary>Gives what deletes unused images back the setting that it had before it was suspended.</summary>
[Cmdlet(VerbsLifecycle.Resume, "RegistryPruner", SupportsShouldProcess = true)]
[OutputType(typeof(MigrationStep))]
public sealed class ResumeRegistryPrunerCommand : MigrationStepCommand
{
    /// <inheritdoc />
    protected override void ProcessRecord() => RunStep("Give the pruner its setting back", (context, _) =>
    {
        var suspension = context.Migration.Steps.FirstOrDefault(step => step.Action == StepActions.SuspendPruner && step.State != MigrationStepState.Undone)
            ?? throw new ClusterException(ClusterErrorKind.Precondition, $"Migration {context.Migration.Name} has not suspended the pruner, so there is no setting to give back.");
        return Task.FromResult<IMigrationStep>(new ResumePrunerStep(RecurringStep.IdOf(context.Migration.Steps, StepActions.ResumePruner), suspension, StepWork.Of(context)));
    });
}
