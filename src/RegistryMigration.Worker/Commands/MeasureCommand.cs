using RegistryMigration.Engine.Audit;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Model;
using RegistryMigration.Worker.Configuration;
using RegistryMigration.Worker.Output;

namespace RegistryMigration.Worker.Commands;

/// <summary>Counts what lies in a store.</summary>
internal sealed class MeasureCommand : WorkerCommand
{
    private readonly StoreSettings _store;
    private readonly RetrySettings _retry;

    public MeasureCommand(WorkerHost host)
        : base("measure", "Counts what lies in a store, by kind and by repository, and what a sync would move. Reads only.", host)
    {
        _store = Use(new StoreSettings("store"));
        _retry = Use(new RetrySettings());
    }

    /// <inheritdoc />
    protected override async Task<ExitCode> RunAsync(CommandRun run, CancellationToken cancellationToken)
    {
        var store = _store.Read(run.Values, Host.OpenStackVariables);
        var context = StoreContext.Create(Host.Time, _retry.Read(run.Values), _retry.StallTimeout(run.Values, new SyncOptions().StallTimeout), null);
        await using var opened = await StoreOpening.OpenFilledAsync(store, context, run.Progress, cancellationToken);
        var measure = await new StoreMeasurement(opened, Host.Time).RunAsync(cancellationToken);
        if (run.Json)
            await Host.Output.WriteLineAsync(measure.ToJson());
        else
            Summary.Write(Host.Output, measure);
        return ExitCode.Done;
    }
}
