using System.Management.Automation;
using RegistryMigration.Engine.Audit;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Model;
using RegistryMigration.Pipeline;
using RegistryMigration.Stores;
using static RegistryMigration.Views.SizeText;

namespace RegistryMigration.Commands.Audit;

/// <summary>Counts what lies in a store: entries and bytes by kind and repository, how much is shared, what a sync would move.</summary>
[Cmdlet(VerbsDiagnostic.Measure, "RegistryStore")]
[OutputType(typeof(StoreMeasure))]
public sealed class MeasureRegistryStoreCommand : RegistryCommand
{
    /// <summary>The store or its address.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Destination")]
    [StoreArgument]
    public RegistryStore? Store { get; set; }

    /// <inheritdoc />
    protected override void ProcessRecord()
    {
        WarnWhenUnchecked(Store!.Tls, Store.ToString());
        Run(Store, MeasureAsync);
    }

    private async Task MeasureAsync(ICommandOutput output, CancellationToken cancellationToken)
    {
        await using var store = await StoreOpening.OpenAsync(Store!, StoreContext.Create(Time), cancellationToken);
        var measure = await new StoreMeasurement(store, Time).RunAsync(cancellationToken);
        output.Verbose($"{Store} holds {OfCount(measure.Entries)} entries ({OfBytes(measure.Bytes)}) in {OfCount(measure.Repositories.Count)} repositories; measured in {OfTime(measure.Duration)}.");
        await output.WriteAsync(measure, cancellationToken);
    }
}
