using System.Management.Automation;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Engine.Sync;
using RegistryMigration.Model;
using RegistryMigration.Pipeline;
using RegistryMigration.Stores;

namespace RegistryMigration.Commands.Sync;

/// <summary>Tells what a sync between two stores would do, and does nothing.</summary>
[Cmdlet(VerbsData.Compare, "RegistryStore")]
[OutputType(typeof(SyncPlanItem), typeof(SyncPlan))]
public sealed class CompareRegistryStoreCommand : StorePairCommand
{
    /// <summary>Counts and bytes only.</summary>
    [Parameter]
    public SwitchParameter Summary { get; set; }

    /// <inheritdoc />
    protected override void ProcessRecord()
    {
        CheckPair();
        Run(Source, CompareAsync);
    }

    private async Task CompareAsync(ICommandOutput output, CancellationToken cancellationToken)
    {
        await using var pair = await StoreOpening.OpenPairAsync(Source!, Destination!, StoreContext.Create(Time), cancellationToken);
        var comparison = new StoreComparison(pair.Source, pair.Destination, Selection, Time);
        await foreach (var item in comparison.ItemsAsync(cancellationToken))
        {
            if (!Summary)
                await output.WriteAsync(item, cancellationToken);
        }

        output.Verbose(SyncReport.Describe(comparison.Plan));
        if (Summary)
            await output.WriteAsync(comparison.Plan, cancellationToken);
    }
}
