using RegistryMigration.Engine.Audit;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Model;
using RegistryMigration.Worker.Configuration;
using RegistryMigration.Worker.Output;

namespace RegistryMigration.Worker.Commands;

/// <summary>Checks that every image in a store is whole.</summary>
internal sealed class AuditCommand : WorkerCommand
{
    private readonly StoreSettings _store;
    private readonly StoreSettings _source;
    private readonly AuditSettings _audit;

    public AuditCommand(WorkerHost host)
        : base("audit", "Checks that every image in a store is whole; with --source it tells where each defect comes from. Reads only.", host)
    {
        _store = Use(new StoreSettings("store"));
        _source = Use(new StoreSettings("source"));
        _audit = Use(new AuditSettings());
    }

    /// <inheritdoc />
    protected override async Task<ExitCode> RunAsync(CommandRun run, CancellationToken cancellationToken)
    {
        var store = _store.Read(run.Values, Host.OpenStackVariables);
        var source = _source.IsGiven(run.Values) ? _source.Read(run.Values, Host.OpenStackVariables) : null;
        var options = _audit.Read(run.Values);
        var result = await RunAsync(store, source, options, run.Progress, Host.Time, cancellationToken);
        if (run.Json)
            await Host.Output.WriteLineAsync(result.ToJson());
        else
            Summary.Write(Host.Output, result);
        return CodeOf(result);
    }

    /// <summary>One audit.</summary>
    public static async Task<AuditResult> RunAsync(RegistryStore store, RegistryStore? source, AuditOptions options, ProgressReporter progress, TimeProvider time, CancellationToken cancellationToken)
    {
        var context = StoreContext.Create(time, options.Retry, options.StallTimeout, null);
        await using var opened = await StoreOpening.OpenFilledAsync(store, context, progress, cancellationToken);
        await using var openedSource = source is null ? null : await StoreOpening.OpenFilledAsync(source, context, progress, cancellationToken);
        return await new StoreAudit(opened, openedSource, options, time) { Progress = progress }.RunAsync(cancellationToken);
    }

    /// <summary>The exit code of an audit.</summary>
    public static ExitCode CodeOf(AuditResult result) => result.IsClean ? ExitCode.Done : ExitCode.Defects;
}
