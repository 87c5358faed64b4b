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
    protected override void ProcessRecord() => RunStep("Give the pruner its setting back", (migration, work, _) =>
    {
        var suspension = migration.Steps.FirstOrDefault(step => step.Action == StepActions.SuspendPruner && step.State != MigrationStepState.Undone)
            ?? throw new ClusterException(ClusterErrorKind.Precondition, $"Migration {migration.Name} has not suspended the pruner, so there is no setting to give back.");
        return Task.FromResult<IMigrationStep>(new ResumePrunerStep(RecurringStep.IdOf(migration.Steps, StepActions.ResumePruner), suspension, work));
    });
}
