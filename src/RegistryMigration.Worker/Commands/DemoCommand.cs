using RegistryMigration.Model;
using RegistryMigration.Worker.Configuration;
using RegistryMigration.Worker.Demo;

namespace RegistryMigration.Worker.Commands;

/// <summary>The main job on a registry of its own making: migrate, audit, migrate again, tell what happened.</summary>
internal sealed class DemoCommand : WorkerCommand
{
    private readonly DemoSettings _demo;

    public DemoCommand(WorkerHost host)
        : base("demo", "Makes a sample registry in a directory, migrates it to a second directory, audits that and shows what happened.", host) =>
        _demo = Use(new DemoSettings());

    /// <inheritdoc />
    protected override async Task<ExitCode> RunAsync(CommandRun run, CancellationToken cancellationToken)
    {
        var directory = Directory.CreateDirectory(_demo.Directory(run.Values) ?? Directory.CreateTempSubdirectory("registry-migration-demo-").FullName).FullName;
        var source = new RegistryStore(Path.Combine(directory, "registry"));
        var destination = new RegistryStore(Path.Combine(directory, "migrated"));
        try
        {
            var report = new DemoReport(Host.Output, run.Progress);
            report.Sample(source, await SampleRegistry.WriteAsync(source.ToString(), new SampleOptions(), cancellationToken));
            await StoreOpening.InitializeAsync(destination, new SyncOptions(), Host.Time, cancellationToken);
            var first = await SyncCommand.RunAsync(source, destination, new SyncOptions(), run.Progress, Host.Time, cancellationToken);
            report.Pass("migrate", first);
            if (first.Status != SyncStatus.Completed)
                return SyncCommand.CodeOf(first);
            var audit = await AuditCommand.RunAsync(destination, source, new AuditOptions { Deep = true }, run.Progress, Host.Time, cancellationToken);
            report.Audit(audit);
            var second = await SyncCommand.RunAsync(source, destination, new SyncOptions(), run.Progress, Host.Time, cancellationToken);
            report.Pass("migrate again", second);
            report.Finish(audit, second);
            if (!_demo.Clean(run.Values))
                report.NextSteps(directory, source, destination);
            var code = SyncCommand.CodeOf(second);
            return code == ExitCode.Done ? AuditCommand.CodeOf(audit) : code;
        }
        finally
        {
            if (_demo.Clean(run.Values))
                Directory.Delete(directory, recursive: true);
        }
    }
}
