using System.Collections.Concurrent;
using RegistryMigration.Engine.Sync.Transfer;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Sync;

/// <summary>Counts what a pass does. All members may be called concurrently.</summary>
internal sealed class SyncTally
{
    // Enough to see what is wrong; all are counted.
    private const int MaxDetails = 1000;

    private readonly long[] _outcomes = new long[Enum.GetValues<CopyOutcomeKind>().Length];
    private readonly (long Count, long Bytes)[] _skipped = new (long, long)[Enum.GetValues<EntryKind>().Length];
    private readonly bool[] _inSource = new bool[Enum.GetValues<EntryKind>().Length];
    private readonly ConcurrentQueue<SyncFailure> _failures = new();
    private readonly ConcurrentQueue<StoreDefect> _defects = new();
    private long _listed;
    private long _unchanged;
    private long _planned;
    private long _plannedBytes;
    private long _copiedBytes;
    private long _movedBytes;
    private long _overwritten;
    private long _serverSide;
    private long _deleted;
    private long _failed;
    private long _onlyAtTarget;
    private long _rejected;

    public long Listed => Interlocked.Read(ref _listed);

    public long Unchanged => Interlocked.Read(ref _unchanged) + Count(CopyOutcomeKind.Unchanged);

    public long Planned => Interlocked.Read(ref _planned);

    public long PlannedBytes => Interlocked.Read(ref _plannedBytes);

    public long Copied => Count(CopyOutcomeKind.Copied);

    public long CopiedBytes => Interlocked.Read(ref _copiedBytes);

    /// <summary>Bytes read so far, those of unfinished objects included.</summary>
    public long MovedBytes => Interlocked.Read(ref _movedBytes);

    public long Overwritten => Interlocked.Read(ref _overwritten);

    public long ServerSide => Interlocked.Read(ref _serverSide);

    public long Deleted => Interlocked.Read(ref _deleted);

    public long Failed => Interlocked.Read(ref _failed);

    public long OnlyAtTarget => Interlocked.Read(ref _onlyAtTarget);

    /// <summary>Names that exist at the source and can't be keys.</summary>
    public long Rejected => Interlocked.Read(ref _rejected);

    /// <summary>Whether the source lists anything that a sync copies.</summary>
    public bool SourceHasContent => SourceHasLinks || Volatile.Read(ref _inSource[(int)EntryKind.Blob]) || Volatile.Read(ref _inSource[(int)EntryKind.File]);

    /// <summary>Whether the source lists any link.</summary>
    public bool SourceHasLinks => _inSource.AsSpan((int)EntryKind.LayerLink, EntryKind.TagCurrentLink - EntryKind.LayerLink + 1).Contains(true);

    // Arrays, since PowerShell does not index what a collection expression makes for an interface: $result.Failures[0].
    public SyncFailure[] Failures => [.. _failures];

    public StoreDefect[] Defects => [.. _defects];

    public SkippedEntries[] Skipped
    {
        get
        {
            lock (_skipped)
                return [.. _skipped.Select((skipped, kind) => new SkippedEntries((EntryKind)kind, skipped.Count, skipped.Bytes)).Where(skipped => skipped.Count > 0)];
        }
    }

    public long Count(CopyOutcomeKind kind) => Interlocked.Read(ref _outcomes[(int)kind]);

    public void OnListed(long entries) => Interlocked.Add(ref _listed, entries);

    // Written once for each kind: this is called for every key, and a line that all threads write to would slow all of them.
    public void OnInSource(EntryKind kind)
    {
        if (!Volatile.Read(ref _inSource[(int)kind]))
            Volatile.Write(ref _inSource[(int)kind], true);
    }

    public void OnUnchanged() => Interlocked.Increment(ref _unchanged);

    public void OnOnlyAtTarget() => Interlocked.Increment(ref _onlyAtTarget);

    public void OnDeleted() => Interlocked.Increment(ref _deleted);

    public void OnMoved(int bytes) => Interlocked.Add(ref _movedBytes, bytes);

    public void OnDeferred(long entries) => Interlocked.Add(ref _outcomes[(int)CopyOutcomeKind.Deferred], entries);

    public void OnPlanned(long bytes)
    {
        Interlocked.Increment(ref _planned);
        Interlocked.Add(ref _plannedBytes, Math.Max(0, bytes));
    }

    public void OnSkipped(EntryKind kind, long bytes)
    {
        lock (_skipped)
            _skipped[(int)kind] = (_skipped[(int)kind].Count + 1, _skipped[(int)kind].Bytes + Math.Max(0, bytes));
    }

    public void OnOutcome(CopyItem item, CopyOutcome outcome)
    {
        Interlocked.Increment(ref _outcomes[(int)outcome.Kind]);
        if (outcome.Defect is { } defect)
            OnDefect(defect);
        if (outcome.Kind != CopyOutcomeKind.Copied)
            return;
        Interlocked.Add(ref _copiedBytes, outcome.Bytes);
        if (item.Replaces)
            Interlocked.Increment(ref _overwritten);
        if (outcome.ServerSide)
            Interlocked.Increment(ref _serverSide);
    }

    public void OnFailure(SyncFailure failure)
    {
        Interlocked.Increment(ref _failed);
        if (_failures.Count < MaxDetails)
            _failures.Enqueue(failure);
    }

    public void OnRejected(string name, string reason)
    {
        Interlocked.Increment(ref _rejected);
        OnDefect(new StoreDefect(DefectKind.UnusableName, name, reason, Origin: DefectOrigin.BrokenAtSource));
    }

    public void OnDefect(StoreDefect defect)
    {
        if (_defects.Count < MaxDetails)
            _defects.Enqueue(defect);
    }
}
