using System.Management.Automation;
using RegistryMigration.Completion;
using RegistryMigration.Model;
using RegistryMigration.Pipeline;
using RegistryMigration.Stores;

namespace RegistryMigration.Commands.Sync;

/// <summary>What copying and comparing have in common: two ends, and which part of the source is meant.</summary>
public abstract class StorePairCommand : RegistryCommand
{
    /// <summary>Where bytes are read: a store or its address.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [StoreArgument]
    public RegistryStore? Source { get; set; }

    /// <summary>Where they are to be: a store or its address.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [StoreArgument]
    public RegistryStore? Destination { get; set; }

    /// <summary>Repositories, as wildcards; all when left out.</summary>
    [Parameter]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(RepositoryCompleter))]
    public string[] Repository { get; set; } = [];

    /// <summary>Tags, as wildcards; all when left out.</summary>
    [Parameter]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(TagCompleter))]
    public string[] Tag { get; set; } = [];

    /// <summary>Only the N tags of each repository that were moved last.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? NewestTags { get; set; }

    /// <summary>Delete from the destination what the source does not have.</summary>
    [Parameter]
    public SwitchParameter Prune { get; set; }

    /// <summary>The part of the source that is meant, with defaults for the rest.</summary>
    internal SyncOptions Selection => new() { Repositories = Repository, Tags = Tag, NewestTags = NewestTags, Prune = Prune };

    /// <summary>Refuses what would destroy: a store synced onto itself, a pruning that sees only a part.</summary>
    private protected void CheckPair()
    {
        if (Prune && Selection.IsFiltered)
            Refuse("PruneNeedsEverything", "-Prune deletes what the source does not have, and must see everything for that. Leave out -Repository, -Tag and -NewestTags.", Destination);
        if (Source!.ToString() == Destination!.ToString() && Source.Server == Destination.Server && (Source.Root is null || Destination.Root is null || Source.Root.Trim('/') == Destination.Root.Trim('/')))
            Refuse("SameStore", $"{Source} is source and destination. Where a registry was switched already, its configuration names the new storage as its own.", Destination);
        WarnWhenUnchecked(Source!.Tls, Source.ToString());
        WarnWhenUnchecked(Destination!.Tls, Destination.ToString());
    }
}
