using RegistryMigration.Engine.Layouts;
using RegistryMigration.Engine.Sync.Transfer;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Sync;

/// <summary>Deletes from the target what the source does not have: planned first, capped, and only after a pass without any fault.</summary>
internal sealed class PrunePhase(SyncRun run)
{
    // The reverse of copying: first what points, then what is pointed at.
    private static readonly EntryKind[] Order = [EntryKind.TagCurrentLink, EntryKind.TagIndexLink, EntryKind.RevisionLink, EntryKind.LayerLink, EntryKind.Blob, EntryKind.File];

    private readonly List<(EntryKind Kind, string Key)> _surplus = [];

    /// <summary>Notes an entry that only the target has.</summary>
    public void Add(EntryInfo info, StoreEntry entry)
    {
        lock (_surplus)
        {
            // One more than allowed is enough to refuse; the rest need not be held.
            if (_surplus.Count <= run.Options.MaxDeletes)
                _surplus.Add((info.Kind, entry.Key));
        }
    }

    /// <summary>Deletes, or says why not.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (_surplus.Count == 0)
            return;
        if (Refusal() is { } reason)
        {
            run.Tally.OnFailure(new SyncFailure("", Party.Target, StoreErrorKind.Conflict, reason));
            return;
        }

        foreach (var kind in Order)
        {
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = Math.Min(16, run.Options.MaxConcurrency), CancellationToken = cancellationToken };
            await Parallel.ForEachAsync(_surplus.Where(surplus => surplus.Kind == kind), parallel, async (surplus, token) => await DeleteAsync(surplus.Key, token));
            // What a surviving link points at must survive as well.
            if (run.Tally.Failed > 0)
                return;
        }
    }

    private string? Refusal()
    {
        var tally = run.Tally;
        if (tally.Failed > 0 || tally.Rejected > 0)
            return "Nothing was pruned: this pass had failures or names it could not read, so what looks surplus may not be. Resolve them and run again.";
        if (!tally.SourceHasContent)
            return $"Nothing was pruned: the source {run.Source.Store.Name} lists as empty. Check its address and root.";
        // Blobs without any repository are what a volume looks like that is unmounted, or emptied, between two listings.
        if (!tally.SourceHasLinks && _surplus.Exists(surplus => surplus.Kind is >= EntryKind.LayerLink and <= EntryKind.TagCurrentLink))
            return $"Nothing was pruned: the source {run.Source.Store.Name} lists blobs and no repository. Check that it is whole, then run again.";
        if (tally.Count(CopyOutcomeKind.Vanished) > 0)
            return $"Nothing was pruned: {tally.Count(CopyOutcomeKind.Vanished)} entries were gone from {run.Source.Store.Name} when they were to be read, so it changes while it is copied. Block its writes, and run again.";
        if (_surplus.Count > run.Options.MaxDeletes)
            return $"Nothing was pruned: {tally.OnlyAtTarget} entries are only at the target, and at most {run.Options.MaxDeletes} deletes are allowed. Look at them with Compare-RegistryStore, then raise -MaxDeletes.";
        return null;
    }

    private async ValueTask DeleteAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            // Pushed since it was listed: a link that was copied a moment ago may need it. Deletes are few and can't be taken back.
            if (await run.Comparer.ExistsAsync(run.Source, key, Party.Source, cancellationToken))
                return;
            await run.Retry.ExecuteAsync(run.Target.Store.Traffic, async token => await run.Target.Store.DeleteAsync(key, token), cancellationToken);
            run.Tally.OnDeleted();
        }
        catch (StoreException e)
        {
            run.Tally.OnFailure(new SyncFailure(key, e.Party ?? Party.Target, e.Kind, e.Message));
        }
    }
}
