using FsCheck.Fluent;
using RegistryMigration.Engine.Tests.Faults;
using RegistryMigration.Engine.Tests.Lab;
using RegistryMigration.Model;
using static RegistryMigration.Engine.Tests.Stores.S3.S3Lab;

namespace RegistryMigration.Engine.Tests.Stores.S3;

public sealed class S3ListingTests(LabFixture servers)
{
    private readonly S3Lab _lab = new(servers);

    [Theory, CombinatorialPeers]
    public async Task More_than_a_page_is_listed_in_order_with_sizes_and_digests(S3Peer peer)
    {
        await using var store = await _lab.NewBucketAsync(peer);
        var keys = Enumerable.Range(0, 1_205).Select(i => FormattableString.Invariant($"blobs/{i:x4}/data")).ToArray();
        await Parallel.ForEachAsync(keys, new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = Cancellation }, async (key, token) => await store.WriteAsync(key, new Engine.Stores.StoreContent(Bytes(3)), token));
        await store.WriteAsync("other", new Engine.Stores.StoreContent(Bytes(3)), Cancellation);
        var before = store.Traffic.Requests;

        var entries = await ListAllAsync(store, "blobs/");

        Assert.Equal(2, store.Traffic.Requests - before);
        Assert.Equal(keys, entries.Select(entry => entry.Key));
        Assert.All(entries, entry => Assert.Equal(3, entry.Size));
        Assert.All(entries, entry => Assert.Equal(32, entry.Md5?.Length));
        Assert.All(entries, entry => Assert.NotNull(entry.LastModified));
        Assert.Equal(["blobs/00ff/data"], (await ListAllAsync(store, "blobs/00ff")).Select(entry => entry.Key));
    }

    [Theory, CombinatorialPeers]
    public async Task Keys_are_below_prefix_and_root(S3Peer peer)
    {
        await using var whole = await _lab.NewBucketAsync(peer);
        var bucket = whole.Name["s3://".Length..];
        await using var store = _lab.Open(peer, bucket, prefix: "some/prefix", root: "/docker/registry/v2/");
        await store.WriteAsync("blobs/x", Streaming(Bytes(3)), Cancellation);
        await whole.WriteAsync("some/prefix/docker/registry/v2x/y", Streaming(Bytes(3)), Cancellation);

        Assert.Equal($"s3://{bucket}/some/prefix/docker/registry/v2", store.Name);
        Assert.Equal(["blobs/x"], (await ListAllAsync(store)).Select(entry => entry.Key));
        Assert.Equal(["blobs/"], await store.ListPrefixesAsync("", Cancellation));
        Assert.Equal(["some/prefix/docker/registry/v2/blobs/x", "some/prefix/docker/registry/v2x/y"], (await ListAllAsync(whole)).Select(entry => entry.Key));
    }

    [Theory, CombinatorialPeers]
    public async Task Prefixes_are_the_next_level_only(S3Peer peer)
    {
        await using var store = await _lab.NewBucketAsync(peer);
        foreach (var key in (string[])["r/a/x", "r/a/y/z", "r/a b/x", "r/a-b/x", "r/file", "s/x"])
            await store.WriteAsync(key, Streaming(Bytes(1)), Cancellation);
        Assert.Equal(["r/a b/", "r/a-b/", "r/a/"], await store.ListPrefixesAsync("r/", Cancellation));
        Assert.Equal(["r/", "s/"], await store.ListPrefixesAsync("", Cancellation));
        Assert.Empty(await store.ListPrefixesAsync("nothing/", Cancellation));
        Assert.Empty(await ListAllAsync(store, "nothing/"));
    }

    [Theory, CombinatorialPeers]
    public async Task Any_keys_are_listed_in_key_order(S3Peer peer)
    {
        await using var store = await _lab.NewBucketAsync(peer);
        var segment = Gen.NonEmptyListOf(Gen.Elements("a", "b", "-", ".", "/", "_", "0", "A", " ", "+", "%", "é", "ｱ", "\uE000", "\uFFFD", "🎉", "𐀀")).Select(parts => string.Concat(parts));
        var keys = Gen.ArrayOf(segment, 150).Sample(1, 40)[0]
            .Where(key => !key.StartsWith('/') && key.Length < 200 && key is not ("." or "..") && !key.Split('/').Any(part => part is "." or ".."))
            .Distinct().ToArray();
        Assert.True(keys.Length > 40);
        await Parallel.ForEachAsync(keys, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Cancellation }, async (key, token) => await store.WriteAsync(key, new Engine.Stores.StoreContent(Bytes(1)), token));

        Array.Sort(keys, KeyOrder.Instance);
        Assert.Equal(keys, (await ListAllAsync(store)).Select(entry => entry.Key));
    }

    [Theory, CombinatorialPeers]
    public async Task A_missing_bucket_is_not_an_empty_listing(S3Peer peer)
    {
        await _lab.RequireAsync(peer);
        await using var store = _lab.Open(peer, NewName());
        var failure = await FailsAsync(StoreErrorKind.NotFound, () => ListAllAsync(store));
        Assert.Contains("Initialize-RegistryStore", failure.Message, StringComparison.Ordinal);
        await FailsAsync(StoreErrorKind.NotFound, () => store.WriteAsync("key", Streaming(Bytes(10)), Cancellation));
        await FailsAsync(StoreErrorKind.NotFound, () => store.ReadAsync("key", 0, version: null, Cancellation));
        await FailsAsync(StoreErrorKind.NotFound, () => store.DeleteAsync("key", Cancellation));
    }

    [Fact]
    public async Task A_listing_out_of_order_is_broken()
    {
        var failure = await BrokenAsync(body => body.Replace("<Key>b</Key>", "<Key>z</Key>", StringComparison.Ordinal));
        Assert.Contains("'c' after 'z'", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public Task A_listing_that_repeats_a_key_is_broken() => BrokenAsync(body => body.Replace("<Key>b</Key>", "<Key>a</Key>", StringComparison.Ordinal));

    [Fact]
    public Task A_listing_that_promises_more_and_does_not_say_how_is_broken() => BrokenAsync(body => body.Replace("<IsTruncated>false", "<IsTruncated>true", StringComparison.Ordinal));

    [Fact]
    public async Task A_listing_that_hands_out_the_same_page_again_is_broken()
    {
        var failure = await BrokenAsync(body => body.Replace("<IsTruncated>false</IsTruncated>", "<IsTruncated>true</IsTruncated><NextContinuationToken>a</NextContinuationToken>", StringComparison.Ordinal), times: 2);
        Assert.Equal(StoreErrorKind.BrokenListing, failure.Kind);
    }

    [Fact]
    public async Task A_page_of_something_else_is_no_empty_listing()
    {
        var failure = await BrokenAsync(_ => "<html><body>Sign in</body></html>");
        Assert.Contains("'html' is no ListBucketResult", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_that_fails_is_asked_for_again_without_those_before_it()
    {
        await _lab.RequireAsync(S3Peer.Ceph);
        await using var proxy = FaultProxy.Start(_lab.Endpoint(S3Peer.Ceph));
        await using var store = await _lab.NewBucketAsync(S3Peer.Ceph, options => options.At(proxy.Uri));
        var keys = Enumerable.Range(0, 1_001).Select(i => FormattableString.Invariant($"{i:d4}")).ToArray();
        await Parallel.ForEachAsync(keys, new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = Cancellation }, async (key, token) => await store.WriteAsync(key, new Engine.Stores.StoreContent(Bytes(1)), token));
        proxy.Rules.Add(new FaultRule { Method = "GET", Target = target => target.Contains("continuation-token", StringComparison.Ordinal), Fault = Fault.Answer(500, "<Error><Code>InternalError</Code></Error>"), Times = 2 });
        var before = store.Traffic.Requests;
        Assert.Equal(1_001, (await ListAllAsync(store)).Count);
        Assert.Equal(4, store.Traffic.Requests - before);
        Assert.Equal(2, store.Traffic.Retries);

        proxy.Rules.Add(new FaultRule { Method = "GET", Target = target => target.Contains("continuation-token", StringComparison.Ordinal), Fault = Fault.Answer(500, "<Error><Code>InternalError</Code></Error>"), Times = 4 });
        await FailsAsync(StoreErrorKind.Transient, () => ListAllAsync(store));
    }

    private async Task<StoreException> BrokenAsync(Func<string, string> rewrite, int times = 1)
    {
        await _lab.RequireAsync(S3Peer.Ceph);
        await using var proxy = FaultProxy.Start(_lab.Endpoint(S3Peer.Ceph));
        await using var store = await _lab.NewBucketAsync(S3Peer.Ceph, options => options.At(proxy.Uri));
        foreach (var key in (string[])["a", "b", "c"])
            await store.WriteAsync(key, Streaming(Bytes(1)), Cancellation);
        proxy.Rules.Add(new FaultRule { Method = "GET", Target = target => target.Contains("list-type", StringComparison.Ordinal), Fault = Fault.Rewrite(rewrite), Times = times });
        return await FailsAsync(StoreErrorKind.BrokenListing, () => ListAllAsync(store));
    }
}
