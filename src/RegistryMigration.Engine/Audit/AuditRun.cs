using RegistryMigration.Engine.Layouts;
using RegistryMigration.Engine.Resilience;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Audit;

/// <summary>What all parts of one audit share.</summary>
internal sealed class AuditRun : IDisposable
{
    private readonly OriginFinder? _origins;
    private readonly object _gate = new();
    private readonly HashSet<string> _rejected = new(StringComparer.Ordinal);
    private DateTimeOffset? _newestBlob;

    public AuditRun(OpenStore store, OpenStore? source, AuditOptions options, TimeProvider time, AuditLog log)
    {
        Options = options;
        Log = log;
        Filter = new NameFilter(options.Repositories);
        var retry = new RetryPolicy(options.Retry, time);
        Probe = new StoreProbe(store, retry, options.StallTimeout, options.Concurrency, time);
        if (source is not null)
        {
            SourceProbe = new StoreProbe(source, new RetryPolicy(options.Retry, time), options.StallTimeout, options.Concurrency, time);
            _origins = new OriginFinder(SourceProbe, options.Deep);
        }
    }

    public AuditOptions Options { get; }

    public AuditLog Log { get; }

    public NameFilter Filter { get; }

    public BlobTable Blobs { get; } = new();

    /// <summary>Looks at the store under audit.</summary>
    public StoreProbe Probe { get; }

    /// <summary>Looks at the source; null where there is none.</summary>
    public StoreProbe? SourceProbe { get; }

    public ILayout Layout => Probe.Store.Layout;

    public ParallelOptions Parallel(CancellationToken cancellationToken) => new() { MaxDegreeOfParallelism = Options.Concurrency, CancellationToken = cancellationToken };

    /// <summary>Remembers when the newest blob was written: everything that the source wrote after that is news to the target.</summary>
    public void NoteBlobs(DateTimeOffset? newest)
    {
        lock (_gate)
            _newestBlob = Newest(_newestBlob, newest);
    }

    /// <summary>Finds out where a defect came from, and takes it.</summary>
    /// <param name="defect">The defect.</param>
    /// <param name="evidence">What the source is to be asked.</param>
    /// <param name="newest">When the newest entry of the repository was written; null outside of one.</param>
    /// <param name="cancellationToken">Ends the requests.</param>
    public async Task ReportAsync(StoreDefect defect, Evidence evidence, DateTimeOffset? newest, CancellationToken cancellationToken)
    {
        if (_origins is not null)
            defect = defect with { Origin = await _origins.FindAsync(defect, evidence, Newest(_newestBlob, newest), cancellationToken) };
        Log.Report(defect);
    }

    /// <summary>Takes a name that can't be a key: no registry serves it and no copy takes it. A listing that is retried tells of it again.</summary>
    public void ReportRejected(RejectedEntry rejected)
    {
        lock (_gate)
        {
            if (!_rejected.Add(rejected.Name))
                return;
        }

        Log.Report(new StoreDefect(DefectKind.UnusableName, rejected.Name, $"'{rejected.Name}' can't be a key of a registry ({rejected.Reason}); no registry serves it and no copy takes it. Remove or rename it."));
    }

    /// <summary>Whether the source wrote something after all that the target has.</summary>
    public DefectOrigin OriginOfAbsence(DateTimeOffset? writtenAtSource, DateTimeOffset? newest) =>
        OriginFinder.IsNewer(writtenAtSource, Newest(_newestBlob, newest)) ? DefectOrigin.Drift : DefectOrigin.BrokenByCopy;

    /// <summary>Whether an object that fails to be read is a defect of that object rather than the end of the audit.</summary>
    public static bool IsUnreadable(StoreException failure) => failure.Kind is StoreErrorKind.Other or StoreErrorKind.Transient
        or StoreErrorKind.Stalled or StoreErrorKind.Integrity or StoreErrorKind.Denied or StoreErrorKind.InvalidKey or StoreErrorKind.Changed;

    public static DateTimeOffset? Newest(DateTimeOffset? left, DateTimeOffset? right) => left is null || right > left ? right ?? left : left;

    public void Dispose()
    {
        Probe.Dispose();
        SourceProbe?.Dispose();
    }
}
