using System.Management.Automation;
using RegistryMigration.Clusters.OpenShift.Steps;
using RegistryMigration.Commands.Migrations;
using RegistryMigration.Engine.Journal;
using RegistryMigration.Model;

namespace RegistryMigration.Commands.OpenShift;

/// <summary>Deletes the claim that the registry was moved away from, after a proof by pulling and a hold period. A claim in use is never deleted.</summary>
[Cmdlet(VerbsCommon.Remove, "RegistryVolumeClaim", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(MigrationStep))]
public sealed class RemoveRegistryVolumeClaimCommand : MigrationStepCommand
{
    /// <summary>How long the new storage has to be in use before: a time span, 7 days by default.</summary>
    [Parameter]
    public TimeSpan HoldPeriod { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Delete although the proof or the hold period is missing; the journal keeps which.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc />
    protected override void ProcessRecord()
    {
        if (HoldPeriod < TimeSpan.Zero)
            Refuse("InvalidArgument", "-HoldPeriod is below zero.", HoldPeriod);
        RunStep("Delete the claim of the old volume", (context, _) =>
            Task.FromResult<IMigrationStep>(new RemoveVolumeStep(RecurringStep.IdOf(context.Migration.Steps, StepActions.RemoveVolume), context.Migration, HoldPeriod, Force, StepWork.Of(context))));
    }
}
