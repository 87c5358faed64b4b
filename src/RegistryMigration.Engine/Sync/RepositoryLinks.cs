using RegistryMigration.Engine.Layouts;
using RegistryMigration.Engine.Sync.Transfer;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Sync;

/// <summary>The links of one repository that differ, copied layers first, then revisions, then what tags have pointed at, then tags.</summary>
internal sealed class RepositoryLinks(RepositoryState state, SyncTally tally, TransferPool pool)
{
    // Listings give links in the order of their phases, so a flush in between keeps the order; it bounds memory for huge repositories.
    private const int FlushAt = 4096;

    private static readonly EntryKind[] Order = [EntryKind.LayerLink, EntryKind.RevisionLink, EntryKind.TagIndexLink, EntryKind.TagCurrentLink];

    private readonly List<CopyItem> _items = [];

    public RepositoryState State => state;

    /// <summary>Whether nothing has been collected since the last flush.</summary>
    public bool IsEmpty => _items.Count == 0;

    /// <summary>Takes the next link of the listing.</summary>
    /// <param name="info">What the key means.</param>
    /// <param name="item">What is to be done about it; null for nothing.</param>
    /// <param name="inSource">Whether the source has it.</param>
    /// <param name="cancellationToken">Ends a flush.</param>
    public async ValueTask AddAsync(EntryInfo info, CopyItem? item, bool inSource, CancellationToken cancellationToken)
    {
        if (item is null)
        {
            if (inSource && info.Kind == EntryKind.RevisionLink)
                state.AddRevision(info.Hex);
            return;
        }

        // Anywhere but inside a tag: its 'current' sorts before the 'index' links that have to be there first.
        if (_items.Count >= FlushAt && (info.Tag is not { } tag || _items[^1].Info.Tag != tag))
            await FlushAsync(cancellationToken);
        _items.Add(item with { Repository = state });
    }

    /// <summary>Copies what has been collected, phase after phase.</summary>
    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        foreach (var kind in Order)
        {
            if (state.IsIncomplete && kind != EntryKind.LayerLink)
            {
                tally.OnDeferred(_items.Count(item => item.Info.Kind == kind));
                continue;
            }

            var batch = new TransferBatch();
            foreach (var item in _items)
            {
                if (item.Info.Kind == kind)
                    await pool.AddAsync(item, batch, cancellationToken);
            }

            await batch.CompleteAsync(cancellationToken);
            if (batch.HasFailed)
                state.IsIncomplete = true;
        }

        _items.Clear();
    }
}
