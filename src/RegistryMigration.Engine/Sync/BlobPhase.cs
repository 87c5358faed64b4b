using RegistryMigration.Engine.Listing;
using RegistryMigration.Engine.Sync.Planning;
using RegistryMigration.Engine.Sync.Transfer;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Sync;

/// <summary>Copies everything that points at nothing: blobs, and Quay's other files. Shards are independent of each other.</summary>
internal sealed class BlobPhase(SyncRun run, EntryPlanner planner, TransferPool pool)
{
    // Listings that run at a time: enough to keep a server busy, few enough to leave its time to the copies.
    private const int ListingsAtATime = 8;

    /// <summary>Lists the shards and copies what differs; ends when every copy has ended.</summary>
    public async Task RunAsync(IReadOnlyList<ListingShard> shards, CancellationToken cancellationToken)
    {
        var batch = new TransferBatch();
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = ListingsAtATime, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(shards, parallel, async (shard, token) => await RunShardAsync(shard, batch, token));
        await batch.CompleteAsync(cancellationToken);
    }

    private async Task RunShardAsync(ListingShard shard, TransferBatch batch, CancellationToken cancellationToken)
    {
        await foreach (var joined in shard.JoinAsync(cancellationToken))
        {
            run.Tally.OnListed(joined.Length);
            for (var i = 0; i < joined.Length; i++)
            {
                var item = planner.Plan(joined.Span[i], out var info);
                if (joined.Span[i].InSource && info.Kind == EntryKind.Blob)
                    run.LinkTargets.NoteListed(info, joined.Span[i].Source);
                if (item is not null)
                    await pool.AddAsync(item, batch, cancellationToken);
            }
        }
    }
}
