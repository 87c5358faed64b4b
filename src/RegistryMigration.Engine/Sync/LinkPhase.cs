using RegistryMigration.Engine.Listing;
using RegistryMigration.Engine.Sync.Planning;
using RegistryMigration.Engine.Sync.Transfer;

namespace RegistryMigration.Engine.Sync;

/// <summary>Copies the links of repositories, several repositories at a time, each in the order that keeps it harmless.</summary>
internal sealed class LinkPhase(SyncRun run, EntryPlanner planner, TransferPool pool)
{
    // Each waits for its own repository between phases; this many keep the transfers busy meanwhile.
    private const int ShardsAtATime = 16;

    /// <summary>Lists the shards and copies what differs; ends when every copy has ended.</summary>
    public async Task RunAsync(IReadOnlyList<ListingShard> shards, CancellationToken cancellationToken)
    {
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = ShardsAtATime, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(shards, parallel, async (shard, token) => await RunShardAsync(shard, token));
    }

    private async Task RunShardAsync(ListingShard shard, CancellationToken cancellationToken)
    {
        RepositoryLinks? current = null;
        await foreach (var joined in shard.JoinAsync(cancellationToken))
        {
            run.Tally.OnListed(joined.Length);
            for (var i = 0; i < joined.Length; i++)
            {
                var item = planner.Plan(joined.Span[i], out var info);
                if (info.RepositoryName.IsEmpty)
                    continue;
                // The links of one repository are neighbours in a listing: what a nested repository adds sorts before or after all of them.
                if (current is null || !info.RepositoryName.SequenceEqual(current.State.Name))
                {
                    if (current is not null)
                        await current.FlushAsync(cancellationToken);
                    current = new RepositoryLinks(new RepositoryState(info.RepositoryName.ToString()), run.Tally, pool);
                }

                await current.AddAsync(info, item, joined.Span[i].InSource, cancellationToken);
            }
        }

        if (current is not null)
            await current.FlushAsync(cancellationToken);
    }
}
