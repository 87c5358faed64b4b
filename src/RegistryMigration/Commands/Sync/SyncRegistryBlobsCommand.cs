using System.Management.Automation;
using System.Management.Automation.Runspaces;
using RegistryMigration.Clusters;
using RegistryMigration.Completion;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Engine.Sync;
using RegistryMigration.Migrations;
using RegistryMigration.Model;
using RegistryMigration.Pipeline;
using RegistryMigration.Stores;

namespace RegistryMigration.Commands.Sync;

/// <summary>Brings a store to what another has, with every digest checked on the way. A second run goes on where the first stopped.</summary>
[Cmdlet(VerbsData.Sync, "RegistryBlobs", SupportsShouldProcess = true)]
[OutputType(typeof(SyncResult))]
public sealed class SyncRegistryBlobsCommand : StorePairCommand
{
    private readonly RegistryCluster? _session = SessionCluster.Of(Runspace.DefaultRunspace);
    private bool _yesToAll;
    private bool _noToAll;

    /// <summary>Deletes that a prune may make; with more planned it deletes nothing.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int MaxDeletes { get; set; } = new SyncOptions().MaxDeletes;

    /// <summary>A fixed number of transfers at a time; climbs while throughput rises when left out.</summary>
    [Parameter]
    [ValidateRange(1, 1024)]
    public int? Concurrency { get; set; }

    /// <summary>The most transfers at a time when climbing.</summary>
    [Parameter]
    [ValidateRange(1, 1024)]
    public int MaxConcurrency { get; set; } = new SyncOptions().MaxConcurrency;

    /// <summary>Bytes of buffers for parts and segments that all transfers together may hold.</summary>
    [Parameter]
    [ValidateRange(1L << 20, 1L << 40)]
    public long MemoryBudget { get; set; } = new SyncOptions().MemoryBudget;

    /// <summary>Content bytes per second over all transfers.</summary>
    [Parameter]
    [ValidateRange(1024L, long.MaxValue)]
    public long? BandwidthLimit { get; set; }

    /// <summary>A transfer that moves no byte for this long is cut and retried; a number is seconds.</summary>
    [Parameter]
    [SecondsArgument]
    public TimeSpan StallTimeout { get; set; } = new SyncOptions().StallTimeout;

    /// <summary>Move every byte through here, also where the server could copy by itself.</summary>
    [Parameter]
    public SwitchParameter NoServerSideCopy { get; set; }

    /// <summary>The migration that this pass belongs to: an object of Get-RegistryMigration, or a name. Its journal keeps what the pass did.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(MigrationCompleter))]
    public MigrationReference? Migration { get; set; }

    /// <summary>What the pass is for: Final when writes are blocked.</summary>
    [Parameter]
    public MigrationPassKind PassKind { get; set; }

    /// <summary>Prune without asking.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>The options that the parameters stand for.</summary>
    internal SyncOptions Options => Selection with
    {
        MaxDeletes = MaxDeletes,
        Concurrency = Concurrency,
        MaxConcurrency = MaxConcurrency,
        MemoryBudget = MemoryBudget,
        BytesPerSecond = BandwidthLimit,
        StallTimeout = StallTimeout,
        ServerSideCopy = !NoServerSideCopy,
    };

    /// <inheritdoc />
    protected override void ProcessRecord()
    {
        CheckPair();
        if (IsWhatIf)
            ShowPlan();
        else if (ShouldProcess(Destination!.ToString(), $"Copy what {Source} has{(Prune ? ", delete what it does not have" : "")}") && MayPrune())
            Run(Source, SyncAsync);
    }

    private async Task SyncAsync(ICommandOutput output, CancellationToken cancellationToken)
    {
        var options = Options;
        await using var record = await PassRecord.OpenAsync(Migration, _session, PassKind, Time, output, cancellationToken);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, record?.Lost ?? CancellationToken.None);
        await using var pair = await StoreOpening.OpenPairAsync(Source!, Destination!, StoreContext.Create(Time, options.Retry, options.StallTimeout, options.MemoryBudget), either.Token);
        var activity = $"{Source} to {Destination}";
        var throughput = new ThroughputRecorder(new ProgressFeed<SyncProgress>(output, progress => SyncReport.Describe(progress, activity)), Time);
        var pass = new SyncPass(pair.Source, pair.Destination, options, Time) { Progress = throughput, Warning = output.Warn };
        var result = await pass.RunAsync(either.Token);
        try
        {
            if (record is not null && !cancellationToken.IsCancellationRequested)
                await record.WriteAsync(result, options.IsFiltered, throughput, cancellationToken);
        }
        finally
        {
            await SyncReport.WriteAsync(result, output, cancellationToken);
        }
    }

    // ShouldProcess with the real numbers: the plan is made, and nothing else.
    private void ShowPlan()
    {
        SyncPlan? plan = null;
        var planned = Run(Source, async (_, cancellationToken) =>
        {
            await using var pair = await StoreOpening.OpenPairAsync(Source!, Destination!, StoreContext.Create(Time, stallTimeout: StallTimeout), cancellationToken);
            var comparison = new StoreComparison(pair.Source, pair.Destination, Options, Time);
            await using var items = comparison.ItemsAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
            while (await items.MoveNextAsync())
            {
            }

            plan = comparison.Plan;
        });
        if (planned && plan is not null)
            ShouldProcess(SyncReport.Describe(plan, Source!, Destination!, Prune), null, null);
    }

    // The impact of this cmdlet is high only when it prunes, and PowerShell knows one impact per cmdlet. So the question that
    // ConfirmImpact High stands for is asked here, unless -Confirm has asked already or $ConfirmPreference is None.
    private bool MayPrune() =>
        !Prune || Force || MyInvocation.BoundParameters.ContainsKey("Confirm") || IsConfirmationOff
        || ShouldContinue($"Up to {MaxDeletes} entries that {Source} does not have are deleted from {Destination}. This can't be undone.", "Prune", ref _yesToAll, ref _noToAll);

    private bool IsConfirmationOff =>
        LanguagePrimitives.TryConvertTo(SessionState.PSVariable.GetValue("ConfirmPreference"), out ConfirmImpact preference) && preference == ConfirmImpact.None;
}
