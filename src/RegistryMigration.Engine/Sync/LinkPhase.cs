using RegistryMigration.Engine.Listing;
using RegistryMigration.Engine.Sync.Planning;
using RegistryMigration.Engine.Sync.Transfer;

namespace RegistryMigration.Engine.Sync;

/// <summary>Copies the links of repositories, several repositories at a time, each in the order that keeps it harmless.</summary>
internal sealed class LinkPhase(SyncRun run, EntryPlanner planner, TransferPool pool) : IDisposable
{
    private const int ShardsAtATime = 16;

    // A repository waits for its own links between phases; this many keep the transfers busy meanwhile.
    private const int RepositoriesAtATime = 16;

    private readonly SemaphoreSlim _places = new(RepositoriesAtATime);

    /// <summary>Lists the shards and copies what differs; ends when every copy has ended.</summary>
    public async Task RunAsync(IReadOnlyList<ListingShard> shards, CancellationToken cancellationToken)
    {
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = ShardsAtATime, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(shards, parallel, async (shard, token) => await RunShardAsync(shard, token));
    }

    public void Dispose() => _places.Dispose();

    private async Task RunShardAsync(ListingShard shard, CancellationToken cancellationToken)
    {
        var copies = new List<Task>();
        try
        {
            await ListAsync(shard, copies, cancellationToken);
        }
        catch
        {
            // What was listed whole is copied whole, also where the listing breaks off later.
            await Task.WhenAll(copies).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }

        await Task.WhenAll(copies);
    }

    private async Task ListAsync(ListingShard shard, List<Task> copies, CancellationToken cancellationToken)
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
                        await StartAsync(current, copies, cancellationToken);
                    current = new RepositoryLinks(new RepositoryState(info.RepositoryName.ToString()), run.Tally, pool);
                }

                await current.AddAsync(info, item, joined.Span[i].InSource, cancellationToken);
            }
        }

        if (current is not null)
            await StartAsync(current, copies, cancellationToken);
    }

    // Copies a repository whose listing has ended, while the next one is listed.
    private async Task StartAsync(RepositoryLinks repository, List<Task> copies, CancellationToken cancellationToken)
    {
        copies.RemoveAll(static copy => copy.IsCompletedSuccessfully);
        if (repository.IsEmpty)
            return;
        await _places.WaitAsync(cancellationToken);
        copies.Add(CopyAsync(repository, cancellationToken));
    }

    private async Task CopyAsync(RepositoryLinks repository, CancellationToken cancellationToken)
    {
        try
        {
            await repository.FlushAsync(cancellationToken);
        }
        finally
        {
            _places.Release();
        }
    }
}
