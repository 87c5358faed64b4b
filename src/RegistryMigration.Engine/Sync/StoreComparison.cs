using System.Runtime.CompilerServices;
using System.Threading.Channels;
using RegistryMigration.Engine.Listing;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Engine.Sync.Planning;
using RegistryMigration.Engine.Sync.Selection;
using RegistryMigration.Engine.Sync.Transfer;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Sync;

/// <summary>The plan between two stores: what a pass with the same options would do. Changes nothing.</summary>
public sealed class StoreComparison
{
    private const int ListingsAtATime = 8;

    private readonly SyncRun _run;
    private long _copies;
    private long _bytes;
    private long _overwrites;

    /// <summary>Prepares a comparison; nothing is sent yet.</summary>
    /// <exception cref="StoreException">The two stores hold different layouts.</exception>
    public StoreComparison(OpenStore source, OpenStore target, SyncOptions options, TimeProvider time) =>
        _run = new SyncRun(source, target, options, time, warn: null);

    /// <summary>The totals of what was enumerated so far; final at the end.</summary>
    public SyncPlan Plan => new()
    {
        Copies = Interlocked.Read(ref _copies),
        Bytes = Interlocked.Read(ref _bytes),
        Overwrites = Interlocked.Read(ref _overwrites),
        Unchanged = _run.Tally.Unchanged,
        OnlyAtTarget = _run.Tally.OnlyAtTarget,
        Skipped = _run.Tally.Skipped,
    };

    /// <summary>Everything that differs, as it is found: shard by shard, in key order inside a shard.</summary>
    /// <exception cref="StoreException">A listing or a look at an object failed; nothing may be concluded from what came before.</exception>
    public async IAsyncEnumerable<SyncPlanItem> ItemsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var items = Channel.CreateBounded<SyncPlanItem>(1024);
        var producer = ProduceAsync(items.Writer, stop.Token);
        try
        {
            await foreach (var item in items.Reader.ReadAllAsync(cancellationToken))
                yield return item;
        }
        finally
        {
            // A reader that has seen enough ends the listings.
            await stop.CancelAsync();
            await producer;
        }
    }

    // Ends the channel with its failure, which the reader then meets; never throws itself.
    private async Task ProduceAsync(ChannelWriter<SyncPlanItem> writer, CancellationToken cancellationToken)
    {
        try
        {
            var layout = _run.Source.Layout;
            ISelection selection = _run.Options.IsFiltered ? await ClosureSelection.FindAsync(_run, cancellationToken) : EverythingSelection.Instance;
            var shards = new List<ListingShard>();
            foreach (var prefix in layout.BlobPrefixes)
                shards.AddRange(await _run.Shards.BlobsAsync(prefix, cancellationToken));
            shards.AddRange(await _run.Shards.FilesAsync(layout, cancellationToken));
            if (layout.RepositoriesPrefix is { } repositories)
                shards.AddRange(await _run.Shards.NamesAsync(repositories, cancellationToken));
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = ListingsAtATime, CancellationToken = cancellationToken };
            await Parallel.ForEachAsync(shards, parallel, async (shard, token) => await CompareAsync(shard, selection, writer, token));
            writer.Complete();
        }
        catch (Exception e)
        {
            writer.Complete(e);
        }
    }

    private async Task CompareAsync(ListingShard shard, ISelection selection, ChannelWriter<SyncPlanItem> writer, CancellationToken cancellationToken)
    {
        var surplus = new List<SyncPlanItem>();
        var planner = new EntryPlanner(_run.Source.Layout, selection, _run.Tally,
            _run.Options.Prune ? (info, entry) => surplus.Add(new SyncPlanItem(entry.Key, info.Kind, SyncAction.Delete, Math.Max(0, entry.Size), info.Repository)) : null);
        await foreach (var joined in shard.JoinAsync(cancellationToken))
        {
            _run.Tally.OnListed(joined.Length);
            for (var i = 0; i < joined.Length; i++)
            {
                if (planner.Plan(joined.Span[i], out _) is { } item)
                    await ReportAsync(item, writer, cancellationToken);
                foreach (var deletion in surplus)
                    await writer.WriteAsync(deletion, cancellationToken);
                surplus.Clear();
            }
        }
    }

    private async ValueTask ReportAsync(CopyItem item, ChannelWriter<SyncPlanItem> writer, CancellationToken cancellationToken)
    {
        if (item.MustLook && await _run.Comparer.IsSameAsync(item, cancellationToken))
        {
            _run.Tally.OnUnchanged();
            return;
        }

        var size = item.Source.Size >= 0 ? item.Source.Size : await _run.Comparer.SizeAsync(_run.Source, item.Key, Party.Source, cancellationToken);
        Interlocked.Increment(ref _copies);
        Interlocked.Add(ref _bytes, size);
        if (item.Replaces)
            Interlocked.Increment(ref _overwrites);
        await writer.WriteAsync(new SyncPlanItem(item.Key, item.Info.Kind, item.Replaces ? SyncAction.Overwrite : SyncAction.Copy, size, item.Info.Repository), cancellationToken);
    }
}
