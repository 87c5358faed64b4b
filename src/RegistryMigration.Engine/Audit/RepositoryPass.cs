using System.Runtime.CompilerServices;
using System.Threading.Channels;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Audit;

/// <summary>Lists all repositories once, at the source beside the target where there is one, and checks several at a time.</summary>
internal sealed class RepositoryPass(AuditRun run)
{
    // Listings in flight; each holds one repository.
    private const int Listings = 4;

    // Repositories under check at a time, and waiting for it: what bounds memory.
    private const int Checks = 8;
    private const int Waiting = 4;

    private readonly ManifestCache _manifests = new(run);
    private readonly LinkCheck _links = new(run);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (run.Layout.RepositoriesPrefix is not { } prefix)
            return;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var pairs = Channel.CreateBounded<RepositoryPair>(Waiting);
        var listing = ListAsync(prefix, pairs.Writer, stop.Token);
        try
        {
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = Checks, CancellationToken = cancellationToken };
            await Parallel.ForEachAsync(pairs.Reader.ReadAllAsync(stop.Token), parallel, async (pair, token) => await CheckAsync(pair, token));
        }
        finally
        {
            await stop.CancelAsync();
            await listing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // Whatever goes wrong here reaches the reader of the channel.
    private async Task ListAsync(string prefix, ChannelWriter<RepositoryPair> pairs, CancellationToken cancellationToken)
    {
        try
        {
            var target = new RepositoryReader(run.Layout, run.Probe.Listing(Party.Target, run.ReportRejected), run.Filter, _links);
            var source = run.SourceProbe is { } probe ? new RepositoryReader(run.Layout, probe.Listing(Party.Source, _ => { }), run.Filter, null) : null;
            var names = (await target.NamesAsync(prefix, cancellationToken))
                .Union(source is null ? [] : await source.NamesAsync(prefix, cancellationToken), StringComparer.Ordinal)
                .Order(KeyOrder.Instance);
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = Listings, CancellationToken = cancellationToken };
            await Parallel.ForEachAsync(names, parallel, async (name, token) =>
            {
                await foreach (var pair in JoinAsync(target.ReadAsync(name, token), source?.ReadAsync(name, token), token))
                    await pairs.WriteAsync(pair, token);
            });
            pairs.Complete();
        }
        catch (Exception e)
        {
            pairs.Complete(e);
            throw;
        }
    }

    private async Task CheckAsync(RepositoryPair pair, CancellationToken cancellationToken)
    {
        RepositoryCheck? check = null;
        if (pair.Target is not null)
        {
            check = new RepositoryCheck(run, _manifests, _links, pair.Target);
            await check.RunAsync(cancellationToken);
        }

        if (pair.Source is not null)
            await new SourceCheck(run, pair.Source, pair.Target, check).RunAsync(cancellationToken);
    }

    private static async IAsyncEnumerable<RepositoryPair> JoinAsync(IAsyncEnumerable<RepositoryContent> targets, IAsyncEnumerable<RepositoryContent>? sources, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var target = targets.GetAsyncEnumerator(cancellationToken);
        await using var source = sources?.GetAsyncEnumerator(cancellationToken);
        var left = await NextAsync(target);
        var right = await NextAsync(source);
        while (left is not null || right is not null)
        {
            var order = left is null ? 1 : right is null ? -1 : Compare(left.Name, right.Name);
            yield return new RepositoryPair(order <= 0 ? left : null, order >= 0 ? right : null);
            if (order <= 0)
                left = await NextAsync(target);
            if (order >= 0)
                right = await NextAsync(source);
        }
    }

    private static async ValueTask<RepositoryContent?> NextAsync(IAsyncEnumerator<RepositoryContent>? repositories) =>
        repositories is not null && await repositories.MoveNextAsync() ? repositories.Current : null;

    // As their keys sort: a digit after the slash comes before the underscore of the repository's own links, a letter after it.
    private static int Compare(string left, string right) => KeyOrder.Compare(left + "/_", right + "/_");

    private readonly record struct RepositoryPair(RepositoryContent? Target, RepositoryContent? Source);
}
