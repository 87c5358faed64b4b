using System.Management.Automation;
using System.Management.Automation.Runspaces;
using RegistryMigration.Clusters;
using RegistryMigration.Completion;
using RegistryMigration.Engine.Audit;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Engine.Journal;
using RegistryMigration.Migrations;
using RegistryMigration.Model;
using RegistryMigration.Pipeline;
using RegistryMigration.Stores;
using static RegistryMigration.Views.SizeText;

namespace RegistryMigration.Commands.Audit;

/// <summary>Checks that every image in a store can be served: structure, links, manifests, sizes, and on request every byte.</summary>
[Cmdlet(VerbsDiagnostic.Test, "RegistryStore")]
[OutputType(typeof(AuditResult), typeof(bool))]
public sealed class TestRegistryStoreCommand : RegistryCommand
{
    private readonly RegistryCluster? _session = SessionCluster.Of(Runspace.DefaultRunspace);

    /// <summary>The store or its address; takes a sync's result, whose destination is meant.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Destination")]
    [StoreArgument]
    public RegistryStore? Store { get; set; }

    /// <summary>The store this one was copied from; labels each defect with where it came from.</summary>
    [Parameter]
    [StoreArgument]
    public RegistryStore? Source { get; set; }

    /// <summary>Repositories, as wildcards; all when left out.</summary>
    [Parameter]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(RepositoryCompleter))]
    public string[] Repository { get; set; } = [];

    /// <summary>Read and hash every blob.</summary>
    [Parameter]
    public SwitchParameter Deep { get; set; }

    /// <summary>Reads at a time.</summary>
    [Parameter]
    [ValidateRange(1, 1024)]
    public int Concurrency { get; set; } = new AuditOptions().Concurrency;

    /// <summary>Defects kept in the result; all are counted.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int MaxDefects { get; set; } = new AuditOptions().MaxDefects;

    /// <summary>A read that moves no byte for this long is cut and retried; a number is seconds.</summary>
    [Parameter]
    [SecondsArgument]
    public TimeSpan StallTimeout { get; set; } = new AuditOptions().StallTimeout;

    /// <summary>The migration that this audit belongs to: an object of Get-RegistryMigration, or a name. Its journal keeps what was found.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(MigrationCompleter))]
    public MigrationReference? Migration { get; set; }

    /// <summary>Answer true or false only.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <summary>The options that the parameters stand for.</summary>
    internal AuditOptions Options => new()
    {
        Deep = Deep,
        Repositories = Repository,
        Concurrency = Concurrency,
        MaxDefects = MaxDefects,
        StallTimeout = StallTimeout,
    };

    /// <inheritdoc />
    protected override void ProcessRecord()
    {
        WarnWhenUnchecked(Store!.Tls, Store.ToString());
        if (Source is not null)
            WarnWhenUnchecked(Source.Tls, Source.ToString());
        Run(Store, AuditAsync);
    }

    private async Task AuditAsync(ICommandOutput output, CancellationToken cancellationToken)
    {
        var options = Options;
        await using var migration = await MigrationOpening.OpenAsync(Migration, _session, Time, output, cancellationToken);
        var began = Time.GetUtcNow();
        var context = StoreContext.Create(Time, options.Retry, options.StallTimeout);
        await using var store = await StoreOpening.OpenAsync(Store!, context, cancellationToken);
        await using OpenStore? source = Source is null ? null : await StoreOpening.OpenAsync(Source, context, cancellationToken);
        var audit = new StoreAudit(store, source, options, Time)
        {
            Progress = new ProgressFeed<AuditProgress>(output, progress =>
                [new ProgressNotice(0, $"Auditing {Store}", $"{progress.Phase}: {OfCount(progress.Done)} entries, {OfBytes(progress.Bytes)} read, {OfCount(progress.Defects)} defects")]),
        };
        var result = await audit.RunAsync(cancellationToken);
        output.Verbose($"Audited {OfCount(result.Manifests)} manifests, {OfCount(result.Links)} links and {OfCount(result.Blobs)} blobs ({OfBytes(result.BlobBytes)}; {OfBytes(result.HashedBytes)} hashed) in {OfTime(result.Duration)}: {OfCount(result.DefectCount)} defects, {OfCount(result.OrphanBlobs)} orphans.");
        if (migration is not null)
            await migration.Run.RecordAsync(AuditRecord.Of(result, options.Repositories.Count > 0, began).ToStep(migration.Run.Steps), cancellationToken);
        if (!result.IsClean)
            output.Warn(Describe(result));
        await output.WriteAsync(Quiet ? result.IsClean : result, cancellationToken);
    }

    private static string Describe(AuditResult result)
    {
        var kinds = result.Defects.GroupBy(defect => (defect.Kind, defect.Origin)).Select(kind =>
            $"{OfCount(kind.Count())} {kind.Key.Kind}{(kind.Key.Origin == DefectOrigin.Unknown ? "" : $" ({kind.Key.Origin})")}");
        return $"{result.Store} has {OfCount(result.DefectCount)} defects: {string.Join(", ", kinds)}. The result's Defects says what each means and what to do.";
    }
}
