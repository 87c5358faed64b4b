using System.Management.Automation;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Migrations;
using RegistryMigration.Engine.Journal;
using RegistryMigration.Model;
using RegistryMigration.Pipeline;
using RegistryMigration.Stores;

namespace RegistryMigration.Commands.Migrations;

/// <summary>Brings back what a migration recorded, last step first. Stops at the first failure, and goes on from there when run again.</summary>
[Cmdlet(VerbsCommon.Undo, "RegistryMigration", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(MigrationStep))]
public sealed class UndoRegistryMigrationCommand : MigrationCommand
{
    /// <summary>The id of the last step that stays; everything after it is undone. All is undone when left out.</summary>
    [Parameter]
    public string? To { get; set; }

    /// <summary>Undo also where something is lost by it. The journal keeps that it was forced.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>How long the system may take for each thing it is asked; a number is seconds.</summary>
    [Parameter]
    [SecondsArgument]
    public TimeSpan Timeout { get; set; } = StepContext.DefaultTimeout;

    /// <summary>Restarts a registry that runs in no cluster, once its configuration has been written; where it is left out, somebody does that by hand while the cmdlet waits.</summary>
    [Parameter]
    public ScriptBlock? Restart { get; set; }

    /// <inheritdoc />
    protected override void ProcessRecord()
    {
        var items = new List<(string Id, string Description)>();
        string? loss = null;
        if (!Run(Migration, async (output, cancellationToken) => loss = await PlanAsync(items, output, cancellationToken)))
            return;
        if (items.Count == 0)
        {
            WriteVerbose($"Migration {Migration} has nothing to undo.");
            return;
        }

        if (IsWhatIf)
            ShowPlan(items, loss);
        else if (ShouldProcess(
            $"Undo {items.Count} steps of migration {Migration}",
            $"{string.Join(Environment.NewLine, items.Select(item => $"Undo {item.Id}: restore {item.Description}"))}{(loss is null ? "" : $"{Environment.NewLine}Something is lost by that: {loss}")}",
            $"Undo the migration {Migration}?"))
            Run(Migration, UndoAsync);
    }

    private async Task<string?> PlanAsync(List<(string Id, string Description)> items, ICommandOutput output, CancellationToken cancellationToken)
    {
        var plan = await ReadMigrationAsync(output, (migration, client) =>
        {
            var found = MigrationUndo.Plan(migration, Undos(migration, client, output), To);
            items.AddRange(found.Items.Select(item => (item.Step.Id, item.Description)));
            return found;
        }, cancellationToken);
        return plan.Loss;
    }

    private void ShowPlan(List<(string Id, string Description)> items, string? loss)
    {
        if (loss is not null)
            WriteWarning($"This undo would lose something: {loss}{(Force ? "" : " It would be refused without -Force.")}");
        foreach (var (id, description) in items)
            ShouldProcess(description, $"Undo {id}: restore");
    }

    private async Task UndoAsync(ICommandOutput output, CancellationToken cancellationToken)
    {
        await using var open = await OpenMigrationAsync(output, cancellationToken);
        await foreach (var step in MigrationUndo.RunAsync(open.Run, Undos(open.Run.Info, open.Client, output), To, Force, cancellationToken))
            await output.WriteAsync(step, cancellationToken);
    }

    private IReadOnlyDictionary<string, IStepUndo> Undos(RegistryMigrationInfo migration, IKubernetesClient? client, ICommandOutput output) =>
        MigrationSystems.UndosFor(Context(migration, client, Timeout, Restart, output));
}
