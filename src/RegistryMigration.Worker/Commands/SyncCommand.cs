using RegistryMigration.Engine.Stores;
using RegistryMigration.Engine.Sync;
using RegistryMigration.Model;
using RegistryMigration.Worker.Configuration;
using RegistryMigration.Worker.Output;

namespace RegistryMigration.Worker.Commands;

/// <summary>Copies what the destination lacks.</summary>
internal sealed class SyncCommand : WorkerCommand
{
    private readonly StoreSettings _source;
    private readonly StoreSettings _destination;
    private readonly SyncSettings _sync;
    private readonly DestinationSettings _making;
    private readonly JobSettings _job;

    public SyncCommand(WorkerHost host)
        : base("sync", "Copies a registry's files to another store; every digest is checked on the way. Run it again to go on or to catch up.", host)
    {
        _source = Use(new StoreSettings("source"));
        _destination = Use(new StoreSettings("destination"));
        _making = Use(new DestinationSettings());
        _sync = Use(new SyncSettings());
        _job = Use(new JobSettings());
    }

    /// <inheritdoc />
    protected override async Task<ExitCode> RunAsync(CommandRun run, CancellationToken cancellationToken)
    {
        var source = _source.Read(run.Values, Host.OpenStackVariables);
        var destination = _destination.Read(run.Values, Host.OpenStackVariables);
        var options = _sync.Read(run.Values);
        if (_making.Initialize(run.Values))
            await StoreOpening.InitializeAsync(destination, options, Host.Time, cancellationToken);
        var result = await RunAsync(source, destination, options, run.Progress, Host.Time, cancellationToken);
        if (run.Json)
            await Host.Output.WriteLineAsync(result.ToJson());
        else
            Summary.Write(Host.Output, result);
        if (_job.TerminationMessage(run.Values) is { } message)
            TerminationMessage.Write(message, result, run.Progress);
        return result.Status == SyncStatus.CompletedWithDefects && _job.AcceptDefects(run.Values) ? ExitCode.Done : CodeOf(result);
    }

    /// <summary>One pass between two stores.</summary>
    public static async Task<SyncResult> RunAsync(RegistryStore source, RegistryStore destination, SyncOptions options, ProgressReporter progress, TimeProvider time, CancellationToken cancellationToken)
    {
        var context = StoreContext.Create(time, options.Retry, options.StallTimeout, options.MemoryBudget);
        await using var from = await StoreOpening.OpenFilledAsync(source, context, progress, cancellationToken);
        await using var to = await OpenDestinationAsync(destination, from, context, progress, cancellationToken);
        return await new SyncPass(from, to, options, time) { Progress = progress, Warning = progress.Warn }.RunAsync(cancellationToken);
    }

    // The engine names the cmdlet that makes a missing place; here an option does.
    private static async Task<OpenStore> OpenDestinationAsync(RegistryStore destination, OpenStore from, StoreContext context, ProgressReporter progress, CancellationToken cancellationToken)
    {
        try
        {
            return await StoreOpening.OpenAsync(destination, from, context, progress, cancellationToken);
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.NotFound)
        {
            throw new StoreException(e.Kind, $"{e.Message} (--initialize makes it.)", e) { Store = e.Store, StatusCode = e.StatusCode };
        }
    }

    /// <summary>The exit code of a pass.</summary>
    public static ExitCode CodeOf(SyncResult result) => result.Status switch
    {
        SyncStatus.Completed => ExitCode.Done,
        SyncStatus.CompletedWithDefects => ExitCode.Defects,
        SyncStatus.Interrupted => ExitCode.Interrupted,
        _ => ExitCode.Failed,
    };
}
