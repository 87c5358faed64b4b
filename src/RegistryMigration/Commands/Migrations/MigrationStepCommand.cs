using System.Management.Automation;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Migrations;
using RegistryMigration.Engine.Journal;
using RegistryMigration.Model;
using RegistryMigration.Pipeline;
using RegistryMigration.Stores;

namespace RegistryMigration.Commands.Migrations;

/// <summary>The base of cmdlets that are one step of a procedure: recorded before it is made, run again without harm, undone by Undo-RegistryMigration.</summary>
public abstract class MigrationStepCommand : MigrationCommand
{
    /// <summary>How long the system may take for what it is asked; a number is seconds.</summary>
    [Parameter]
    [SecondsArgument]
    public TimeSpan Timeout { get; set; } = StepContext.DefaultTimeout;

    /// <summary>Restarts a registry that runs in no cluster; null for steps that need none, and where somebody does it by hand.</summary>
    private protected virtual ScriptBlock? Restarting => null;

    /// <summary>The step for a migration as it is now. Changes nothing.</summary>
    private protected delegate Task<IMigrationStep> StepMaker(StepContext context, CancellationToken cancellationToken);

    /// <summary>Runs the step and puts it into the pipeline; with -WhatIf checks whether it could run, and changes nothing.</summary>
    /// <param name="what">What is done, for the question and for -WhatIf.</param>
    /// <param name="make">Makes the step.</param>
    private protected void RunStep(string what, StepMaker make)
    {
        if (IsWhatIf)
        {
            // A step that would be refused must not be told as one that would be done.
            if (Run(Migration, (output, cancellationToken) => PreviewMigrationAsync(output, (migration, client) => CheckAsync(migration, client, make, output, cancellationToken), cancellationToken)))
                ShouldProcess(Migration!.ToString(), what);
            return;
        }

        if (ShouldProcess(Migration!.ToString(), what))
        {
            Run(Migration, async (output, cancellationToken) =>
            {
                await using var open = await OpenMigrationAsync(output, cancellationToken);
                var step = await make(Context(open.Run.Info, open.Client, output), cancellationToken);
                await output.WriteAsync(await open.Run.RunAsync(step, cancellationToken), cancellationToken);
            });
        }
    }

    private async Task<bool> CheckAsync(RegistryMigrationInfo migration, IKubernetesClient? client, StepMaker make, ICommandOutput output, CancellationToken cancellationToken)
    {
        var step = await make(Context(migration, client, output), cancellationToken);
        if (migration.Steps.FirstOrDefault(known => known.Id == step.Id) is { State: not MigrationStepState.Undone } known)
            output.Verbose($"Step {known.Id} is {known.State}.");
        else
            await step.CaptureAsync(cancellationToken);
        return true;
    }

    private StepContext Context(RegistryMigrationInfo migration, IKubernetesClient? client, ICommandOutput output) => Context(migration, client, Timeout, Restarting, output);
}
