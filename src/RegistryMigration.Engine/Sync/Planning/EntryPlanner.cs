using RegistryMigration.Engine.Layouts;
using RegistryMigration.Engine.Listing;
using RegistryMigration.Engine.Sync.Selection;
using RegistryMigration.Engine.Sync.Transfer;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Sync.Planning;

/// <summary>Decides about one joined entry: nothing to do, to be copied, to be looked at, or only at the target.</summary>
internal sealed class EntryPlanner(ILayout layout, ISelection selection, SyncTally tally, Action<EntryInfo, StoreEntry>? onlyAtTarget)
{
    /// <summary>What is to be done, or null where that is nothing. Never waits: this is the path of every key.</summary>
    public CopyItem? Plan(in JoinedEntry joined, out EntryInfo info)
    {
        info = layout.Classify(joined.Key);
        if (!joined.InSource)
        {
            if (info.IsContent)
            {
                tally.OnOnlyAtTarget();
                onlyAtTarget?.Invoke(info, joined.Target);
            }

            return null;
        }

        if (!info.IsContent)
        {
            tally.OnSkipped(info.Kind, joined.Source.Size);
            return null;
        }

        tally.OnInSource(info.Kind);
        if (!selection.Takes(info))
            return null;
        var sameness = joined.InTarget ? SamenessRule.Compare(info, joined.Source, joined.Target) : Sameness.Different;
        if (sameness == Sameness.Same)
        {
            tally.OnUnchanged();
            return null;
        }

        tally.OnPlanned(joined.Source.Size);
        return new CopyItem(info, joined.Source, joined.Target, MustLook: sameness == Sameness.Unclear);
    }
}
