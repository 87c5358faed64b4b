using RegistryMigration.Engine.Listing;
using RegistryMigration.Engine.Resilience;
using RegistryMigration.Engine.Tests.Support;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Listing;

public sealed class ShardPlannerTests
{
    private const string Blobs = "blobs/sha256/";
    private const string Names = "repositories/";

    private readonly MemoryStore _quick = new();
    private readonly MemoryStore _slow = new();
    private readonly TaskCompletionSource _release = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Blobs_of_the_quick_side_are_listed_while_the_slow_one_still_reads_its_first_pages()
    {
        for (var i = 0; i < 20_000; i++)
            _quick.Put($"{Blobs}{(i * 3) >> 8:x2}/{i * 3:x4}{i:x60}/data", []);
        Hold(Blobs);
        var shards = await Planner().BlobsAsync(Blobs, Token).WaitAsync(TimeSpan.FromSeconds(30), Token);
        Assert.Equal(16, shards.Count);
        Assert.False(_release.Task.IsCompleted);
        await EveryKeyIsJoinedOnceAsync(shards, Blobs);
    }

    [Fact]
    public async Task Names_of_the_quick_side_are_cut_while_the_slow_one_still_reads_its_first_pages()
    {
        for (var i = 0; i < 5_000; i++)
            _quick.Put($"{Names}team{i % 4}/app/_manifests/tags/{i:d5}/current/link", []);
        Hold(Names);
        var shards = await Planner().NamesAsync(Names, Token).WaitAsync(TimeSpan.FromSeconds(30), Token);
        Assert.Equal(["team0/", "team1/", "team2/", "team3/"], shards.Select(shard => shard.Prefix[Names.Length..]));
        Assert.False(_release.Task.IsCompleted);
        await EveryKeyIsJoinedOnceAsync(shards, Names);
    }

    [Fact]
    public async Task A_small_side_alone_settles_nothing()
    {
        _quick.Put($"{Blobs}00/{0:x64}/data", []);
        Hold(Blobs);
        var planning = Planner().BlobsAsync(Blobs, Token);
        await Task.Delay(100, Token);
        Assert.False(planning.IsCompleted);
        _release.SetResult();
        Assert.Single(await planning);
    }

    [Fact]
    public async Task A_slow_side_that_can_not_be_listed_fails_its_shards()
    {
        for (var i = 0; i < 5_000; i++)
            _quick.Put($"{Names}team{i % 4}/app/_manifests/tags/{i:d5}/current/link", []);
        Hold(Names);
        var shards = await Planner().NamesAsync(Names, Token);
        _release.SetException(new StoreException(StoreErrorKind.Denied, "refused"));
        var failure = await Assert.ThrowsAsync<StoreException>(() => KeysAsync(shards[0]));
        Assert.Equal(StoreErrorKind.Denied, failure.Kind);
    }

    // The slow side's listing of the whole prefix does not begin before it is released; anything else there is answered.
    private void Hold(string prefix) => _slow.OnList = (asked, page) => asked == prefix && page > 0 ? _release.Task : Task.CompletedTask;

    private async Task EveryKeyIsJoinedOnceAsync(IReadOnlyList<ListingShard> shards, string prefix)
    {
        _release.SetResult();
        var keys = new List<string>();
        foreach (var shard in shards)
            keys.AddRange(await KeysAsync(shard));
        Assert.Equal(_quick.Keys.Where(key => key.StartsWith(prefix, StringComparison.Ordinal)).Order(KeyOrder.Instance), keys.Order(KeyOrder.Instance));
    }

    private static async Task<List<string>> KeysAsync(ListingShard shard)
    {
        var keys = new List<string>();
        await foreach (var batch in shard.JoinAsync(Token))
            keys.AddRange(batch.ToArray().Select(joined => joined.Key));
        return keys;
    }

    private ShardPlanner Planner() => new(Listing(_slow, Party.Source), Listing(_quick, Party.Target), SyncShard.All);

    private static StoreListing Listing(MemoryStore store, Party party) =>
        new(store.Open(), party, new RetryPolicy(new RetryOptions(), TimeProvider.System), new CredentialPause(TimeSpan.Zero, TimeProvider.System, warn: null), _ => { });
}
