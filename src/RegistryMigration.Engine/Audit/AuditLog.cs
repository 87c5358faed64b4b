using RegistryMigration.Model;

namespace RegistryMigration.Engine.Audit;

/// <summary>Counts, keeps the first defects, and tells how far an audit is.</summary>
internal sealed class AuditLog(AuditOptions options, TimeProvider time, IProgress<AuditProgress>? progress, Action<StoreDefect>? onDefect)
{
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(250);
    private readonly object _gate = new();
    private readonly List<StoreDefect> _defects = [];
    private readonly long[] _counts = new long[Enum.GetValues<AuditCount>().Length];
    private readonly long _startedAt = time.GetTimestamp();
    private long _defectCount;
    private long _toldAt;

    /// <summary>blobs or repositories.</summary>
    public string Phase { get; set; } = "blobs";

    public long this[AuditCount what] => Interlocked.Read(ref _counts[(int)what]);

    public void Add(AuditCount what, long number = 1)
    {
        Interlocked.Add(ref _counts[(int)what], number);
        if (progress is not null)
            Tell();
    }

    /// <summary>Takes a defect; the caller's callback is never called twice at a time.</summary>
    public void Report(StoreDefect defect)
    {
        lock (_gate)
        {
            _defectCount++;
            if (_defects.Count < options.MaxDefects)
                _defects.Add(defect);
            onDefect?.Invoke(defect);
        }
    }

    /// <summary>The result, with defects in an order that does not depend on who was first.</summary>
    public AuditResult ToResult(RegistryStore store, (long Count, long Bytes) orphans) => new()
    {
        Store = store,
        Deep = options.Deep,
        Repositories = this[AuditCount.Repositories],
        Tags = this[AuditCount.Tags],
        Manifests = this[AuditCount.Manifests],
        Links = this[AuditCount.Links],
        Blobs = this[AuditCount.Blobs],
        BlobBytes = this[AuditCount.BlobBytes],
        OrphanBlobs = orphans.Count,
        OrphanBytes = orphans.Bytes,
        StaleLinks = this[AuditCount.StaleLinks],
        ForeignLayers = this[AuditCount.ForeignLayers],
        HashedBytes = this[AuditCount.HashedBytes],
        DefectCount = _defectCount,
        // Arrays are what PowerShell can index.
        Defects = _defects.OrderBy(defect => defect.Key, KeyOrder.Instance).ThenBy(defect => defect.Kind).ToArray(),
        Duration = time.GetElapsedTime(_startedAt),
    };

    private void Tell()
    {
        var now = time.GetTimestamp();
        var last = Interlocked.Read(ref _toldAt);
        if (last != 0 && time.GetElapsedTime(last, now) < ProgressInterval || Interlocked.CompareExchange(ref _toldAt, now, last) != last)
            return;
        var done = Phase == "blobs" ? this[AuditCount.Blobs] : this[AuditCount.Links] + this[AuditCount.Manifests];
        progress!.Report(new AuditProgress(Phase, done, this[AuditCount.HashedBytes], Interlocked.Read(ref _defectCount)));
    }
}

/// <summary>What an audit counts.</summary>
internal enum AuditCount
{
    Repositories,
    Tags,
    Manifests,
    Links,
    Blobs,
    BlobBytes,
    StaleLinks,
    ForeignLayers,
    HashedBytes,
}
