using System.Management.Automation;
using RegistryMigration.Clusters.InCluster;
using RegistryMigration.Commands.Sync;
using RegistryMigration.Model;
using RegistryMigration.Pipeline;

namespace RegistryMigration.Commands.InCluster;

/// <summary>Waits for a copy in a cluster with progress, and starts its links when all blobs are there. Ctrl-C only stops waiting.</summary>
[Cmdlet(VerbsLifecycle.Wait, "RegistrySync", DefaultParameterSetName = ByName)]
[OutputType(typeof(RegistrySyncJob))]
public sealed class WaitRegistrySyncCommand : SyncJobCommand
{
    // Ctrl-C waits for this, so it is short of what people take for a hang.
    private static readonly TimeSpan StopTime = TimeSpan.FromSeconds(20);

    /// <summary>Ctrl-C removes the copy as Stop-RegistrySync does, instead of leaving it to run.</summary>
    [Parameter]
    public SwitchParameter StopOnCancel { get; set; }

    /// <inheritdoc />
    protected override void ProcessRecord()
    {
        UseClusterOfJob();
        var removed = false;
        var place = Job?.Namespace ?? Namespace;
        try
        {
            Run(async (client, output, cancellationToken) =>
            {
                place = SyncNamespace(client.Cluster);
                try
                {
                    await WaitAsync(new SyncWait(client, Time)
                    {
                        Progress = new ProgressFeed<SyncProgress>(output, progress => SyncReport.Describe(progress, $"{place}/{SyncName} (Ctrl-C {(StopOnCancel ? "stops it" : "leaves it running")})")),
                        Warning = output.Warn,
                        Store = Job?.Store,
                    }, place, output, cancellationToken);
                }
                catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested && StopOnCancel)
                {
                    using var limit = new CancellationTokenSource(StopTime, Time);
                    await new SyncRemoval(client, Time).RemoveAsync(place, SyncName, waitForPods: false, limit.Token);
                    removed = true;
                }
            });
        }
        finally
        {
            if (Stopping)
                SayWhatGoesOn(place, removed);
        }
    }

    private async Task WaitAsync(SyncWait wait, string place, ICommandOutput output, CancellationToken cancellationToken)
    {
        var job = await wait.WaitAsync(place, SyncName, cancellationToken);
        if (job.Status == RegistrySyncStatus.Failed)
            await output.WriteErrorAsync(new CommandError("SyncFailed", ErrorCategory.OperationStopped, $"The copy {job} failed. {job.Problem}", null, job), cancellationToken);
        await output.WriteAsync(job, cancellationToken);
    }

    // The pipeline takes no more output after Ctrl-C; the host does.
    private void SayWhatGoesOn(string? place, bool removed)
    {
        var where = place is null ? "" : $" -Namespace {place}";
        try
        {
            Host.UI.WriteWarningLine(removed
                ? $"{SyncName} is being removed; its pods have a minute to end. What was copied stays."
                : $"{SyncName} goes on in the cluster. Wait again, from anywhere: Wait-RegistrySync {SyncName}{where}. Stop it: Stop-RegistrySync {SyncName}{where}");
        }
        catch (Exception e) when (e is NotImplementedException or PipelineStoppedException or System.Management.Automation.Host.HostException)
        {
            // A host without a screen.
        }
    }
}
