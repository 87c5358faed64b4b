using RegistryMigration.Engine.Listing;
using RegistryMigration.Engine.Resilience;
using RegistryMigration.Engine.Tests.Support;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Listing;

public sealed class PeekedListingTests
{
    private readonly MemoryStore _store = new() { PageSize = 4 };
    private readonly List<string> _listed = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("x/a/", false)]
    [InlineData("x/aa/", false)]
    [InlineData("x/b/", false)]
    [InlineData("x/c/", true)] // where the first pages end: there may be more of it behind them
    [InlineData("x/d/", true)]
    public async Task What_the_first_pages_pass_is_not_listed_again(string prefix, bool isListed)
    {
        // The three pages that are read end within c.
        foreach (var name in (string[])["a", "b", "c", "d"])
        {
            for (var i = 0; i < 5; i++)
                _store.Put($"x/{name}/{i}", [1]);
        }

        var peeked = await PeekAsync();
        Assert.False(peeked.IsComplete);
        Assert.Equal(_store.Keys.Where(key => key.StartsWith(prefix, StringComparison.Ordinal)), await BelowAsync(peeked, prefix));
        Assert.Equal(isListed, _listed.Contains(prefix));
    }

    [Fact]
    public async Task A_small_listing_is_read_once()
    {
        _store.Put("x/a/1", [1]);
        _store.Put("x/b/1", [1]);
        var peeked = await PeekAsync();
        Assert.True(peeked.IsComplete);
        Assert.Equal(["x/b/1"], await BelowAsync(peeked, "x/b/"));
        Assert.All(_listed, prefix => Assert.Equal("x/", prefix));
    }

    private async Task<PeekedListing> PeekAsync()
    {
        _store.OnList = (prefix, _) =>
        {
            _listed.Add(prefix);
            return Task.CompletedTask;
        };
        var retry = new RetryPolicy(new RetryOptions(), TimeProvider.System);
        var listing = new StoreListing(_store.Open(), Party.Source, retry, new CredentialPause(TimeSpan.Zero, TimeProvider.System, warn: null), _ => { });
        return await PeekedListing.ReadAsync(listing, "x/", Token);
    }

    private static async Task<List<string>> BelowAsync(PeekedListing peeked, string prefix)
    {
        var keys = new List<string>();
        await foreach (var page in peeked.Below(prefix, Token))
            keys.AddRange(page.ToArray().Select(entry => entry.Key));
        return keys;
    }
}
