using RegistryMigration.Engine.Layouts;
using RegistryMigration.Engine.Manifests;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Engine.Tests.Support;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Layouts;

public sealed class RegistryCatalogTests : IDisposable
{
    private readonly TestRegistry _registry = new(new MemoryStore());
    private readonly RegistryCatalog _catalog;

    public RegistryCatalogTests() => _catalog = new RegistryCatalog(_registry.Store.Open(), new RetryOptions(), new FastTime());

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _catalog.Dispose();

    [Fact]
    public async Task Lists_repositories_with_those_nested_in_others()
    {
        foreach (var name in new[] { "b", "a", "a/b/c", "a/1", "a-b", "team/x" })
            _registry.Image(name, "v1", "layer");
        _registry.Image("a", "v2", "another");
        _registry.Store.Put("repositories/only/upload/_uploads/1/data", []);

        Assert.Equal(["a-b 1", "a 2", "a/1 1", "a/b/c 1", "b 1", "team/x 1"], await NamesAsync());
        Assert.Equal(["a 2", "a/1 1", "a/b/c 1"], await NamesAsync("a", "a/*"));
        Assert.Equal(["a-b 1", "b 1"], await NamesAsync("*b"));
        Assert.Equal(["team/x 1"], await NamesAsync("team/?"));
        Assert.Empty(await NamesAsync("A"));
    }

    [Fact]
    public async Task Looks_only_where_a_wildcard_may_match()
    {
        for (var i = 0; i < 30; i++)
            _registry.Image($"other{i}/x", "v1", "layer");
        _registry.Image("team/x", "v1", "layer");
        var before = _registry.Store.Traffic.Requests;

        Assert.Equal(["team/x 1"], await NamesAsync("team/*"));
        // repositories/, team/, team/x/ and its tags.
        Assert.Equal(4, _registry.Store.Traffic.Requests - before);
    }

    [Fact]
    public async Task Lists_tags_with_digest_and_time_in_one_request()
    {
        var first = _registry.Image("team/x", "v1", "one");
        var second = _registry.Image("team/x", "v2", "two");
        var moved = new DateTimeOffset(2024, 5, 6, 7, 8, 9, TimeSpan.Zero);
        _registry.Tag("team/x", "v1", second, moved);
        var before = _registry.Store.Traffic.Requests;

        var tags = await TagsAsync("team/x");

        Assert.Equal([("v1", second.ToString(), moved), ("v2", second.ToString(), _registry.Store.WrittenAt)], tags.Select(tag => (tag.Name, tag.Digest, tag.MovedAt)));
        Assert.NotEqual(first, second);
        Assert.Equal(1, _registry.Store.Traffic.Requests - before);
        Assert.All(tags, tag => Assert.Null(tag.MediaType));
    }

    [Fact]
    public async Task Reads_what_a_listing_does_not_prove_and_keeps_the_order()
    {
        await using var store = new MemoryStore { Capabilities = new StoreCapabilities() };
        var registry = new TestRegistry(store);
        for (var i = 0; i < 40; i++)
            registry.Image("x", $"v{i:00}", $"layer {i}");
        store.Put(DistributionLayout.TagCurrentLinkKey("x", "v07"), "rubbish"u8.ToArray());
        store.Remove(DistributionLayout.TagCurrentLinkKey("x", "v08"));
        store.OnRead = (_, _) => Task.Delay(Random.Shared.Next(3), Token);
        using var catalog = new RegistryCatalog(store.Open());

        var tags = await ToListAsync(catalog.TagsAsync("x", Token));

        Assert.Equal(Enumerable.Range(0, 40).Select(i => $"v{i:00}"), tags.Select(tag => tag.Name));
        Assert.Equal(["v07", "v08"], tags.Where(tag => tag.Digest is null).Select(tag => tag.Name));
    }

    [Fact]
    public async Task Tells_media_type_size_and_platforms_when_asked()
    {
        var image = _registry.Image("x", "image", "one", "three", "one");
        _registry.Manifest("x", "multi", $$"""{"schemaVersion":2,"manifests":[{"mediaType":"{{MediaTypes.OciManifest}}","size":1,"digest":"{{image}}","platform":{"os":"linux","architecture":"arm","variant":"v7"} }]}""");
        _registry.Manifest("x", "odd", "no manifest");

        var tags = await ToListAsync(_catalog.TagsAsync("x", detailed: true, Token));

        Assert.Equal([(MediaTypes.OciManifest, 3 + 5 + "{\"config\":\"one+three+one\"}".Length), (MediaTypes.OciIndex, null), (null, (long?)null)], tags.Select(tag => (tag.MediaType, tag.Size)));
        Assert.Equal(["linux/arm/v7"], tags[1].Platforms);
    }

    [Fact]
    public async Task Says_when_there_is_no_such_repository_and_when_it_has_no_tags()
    {
        _registry.Image("x", null, "layer");
        Assert.Empty(await TagsAsync("x"));
        var failure = await Assert.ThrowsAsync<StoreException>(() => TagsAsync("y"));
        Assert.Equal(StoreErrorKind.NotFound, failure.Kind);
    }

    [Fact]
    public async Task Says_that_quays_repositories_are_not_in_its_store()
    {
        using var catalog = new RegistryCatalog(new MemoryStore().Open(LayoutKind.Quay));
        var failure = await Assert.ThrowsAsync<StoreException>(() => ToListAsync(catalog.RepositoriesAsync([], Token)));
        Assert.Equal(StoreErrorKind.Unsupported, failure.Kind);
    }

    [Fact]
    public async Task Stops_early_without_leaving_requests_behind()
    {
        for (var i = 0; i < 50; i++)
            _registry.Image($"r{i:00}", "v1", "layer");
        await foreach (var repository in _catalog.RepositoriesAsync([], Token))
        {
            Assert.Equal("r00", repository.Name);
            break;
        }

        var after = _registry.Store.Traffic.Requests;
        await Task.Delay(50, Token);
        Assert.Equal(after, _registry.Store.Traffic.Requests);
        Assert.InRange(after, 1, 40);
    }

    [Fact]
    public async Task A_failure_that_passes_is_retried_and_one_that_stays_is_told()
    {
        _registry.Image("x", "v1", "layer");
        var failures = 2;
        _registry.Store.OnList = (_, _) => Interlocked.Decrement(ref failures) >= 0 ? throw new StoreException(StoreErrorKind.Transient, "again") : Task.CompletedTask;
        Assert.Equal(["x 1"], await NamesAsync());

        _registry.Store.OnList = (prefix, _) => prefix == "repositories/x/" ? throw new StoreException(StoreErrorKind.Denied, "403") : Task.CompletedTask;
        Assert.Equal(StoreErrorKind.Denied, (await Assert.ThrowsAsync<StoreException>(() => NamesAsync())).Kind);
    }

    private async Task<List<string>> NamesAsync(params string[] wildcards) =>
        (await ToListAsync(_catalog.RepositoriesAsync(wildcards, Token))).ConvertAll(repository => $"{repository.Name} {repository.TagCount}");

    private Task<List<TagInfo>> TagsAsync(string repository) => ToListAsync(_catalog.TagsAsync(repository, Token));

    private static async Task<List<T>> ToListAsync<T>(IAsyncEnumerable<T> items)
    {
        var list = new List<T>();
        await foreach (var item in items)
            list.Add(item);
        return list;
    }
}
