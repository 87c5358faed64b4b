using RegistryMigration.Engine.Stores;
using RegistryMigration.Engine.Tests.Faults;
using RegistryMigration.Engine.Tests.Lab;
using RegistryMigration.Model;
using static RegistryMigration.Engine.Tests.Stores.S3.S3Lab;

namespace RegistryMigration.Engine.Tests.Stores.S3;

public sealed class S3WritingTests(LabFixture servers)
{
    private readonly S3Lab _lab = new(servers);

    [Theory, CombinatorialPeers(0, 1, 71, 4096, 100_000, 3_000_000)]
    public async Task A_streamed_object_takes_one_request_and_comes_back(S3Peer peer, int length)
    {
        await using var store = await _lab.NewBucketAsync(peer);
        var bytes = Bytes(length);
        var before = store.Traffic.Requests;

        Assert.Equal(WriteOutcome.Written, await store.WriteAsync("a/b", Streaming(bytes), Cancellation));

        Assert.Equal(1, store.Traffic.Requests - before);
        Assert.Equal(length, store.Traffic.BytesWritten);
        Assert.Equal(bytes, await ReadAllAsync(store, "a/b"));
        Assert.Equal(length, store.Traffic.BytesRead);
    }

    [Theory, CombinatorialPeers]
    public async Task Content_in_memory_needs_no_digest(S3Peer peer)
    {
        await using var store = await _lab.NewBucketAsync(peer);
        var bytes = Bytes(71);
        await store.WriteAsync("link", new StoreContent(bytes), Cancellation);
        Assert.Equal(bytes, await ReadAllAsync(store, "link"));
        Assert.Equal(2, store.Traffic.Requests - 2);
    }

    [Theory, CombinatorialPeers(100_000, 7 * MiB)]
    public async Task A_stream_without_a_digest_is_hashed_here(S3Peer peer, int length)
    {
        await using var store = await _lab.NewBucketAsync(peer);
        var bytes = Bytes(length);
        var content = new StoreContent(length, _ => new ValueTask<Stream>(new MemoryStream(bytes, writable: false)));
        await store.WriteAsync("unknown", content, Cancellation);
        Assert.Equal(bytes, await ReadAllAsync(store, "unknown"));
    }

    [Theory, CombinatorialPeers(50, 2_000_000)]
    public async Task A_wrong_digest_is_refused_by_the_server_and_nothing_is_stored(S3Peer peer, int length)
    {
        await using var store = await _lab.NewBucketAsync(peer);
        var content = new StoreContent(length, _ => new ValueTask<Stream>(new MemoryStream(Bytes(length)))) { Sha256 = Digest.OfSha256(Bytes(length, seed: 2)) };
        var failure = await FailsAsync(StoreErrorKind.Integrity, () => store.WriteAsync("wrong", content, Cancellation));
        Assert.Equal(400, failure.StatusCode);
        Assert.Null(await store.StatAsync("wrong", Cancellation));
    }

    [Theory, CombinatorialPeers(1, 5_000, 3_000_000)]
    public async Task A_source_that_fails_before_its_last_byte_stores_nothing_and_fails_as_itself(S3Peer peer, int length)
    {
        await using var store = await _lab.NewBucketAsync(peer);
        var failure = new StoreException(StoreErrorKind.Integrity, "The source's bytes are not what their name says.");
        Assert.Same(failure, await Assert.ThrowsAsync<StoreException>(() => store.WriteAsync("broken", Failing(Bytes(length), failure), Cancellation)));
        Assert.Null(await store.StatAsync("broken", Cancellation));
        // The connection may be torn; the store goes on.
        await store.WriteAsync("next", Streaming(Bytes(length)), Cancellation);
    }

    [Theory, CombinatorialPeers(0, 1, 2_000_000)]
    public async Task Content_of_another_length_than_said_is_not_stored(S3Peer peer, int length)
    {
        await using var store = await _lab.NewBucketAsync(peer);
        foreach (var actual in (int[])[length + 1, Math.Max(0, length - 1)])
        {
            if (actual == length)
                continue;
            var content = new StoreContent(length, _ => new ValueTask<Stream>(new MemoryStream(Bytes(actual)))) { Sha256 = Digest.OfSha256(Bytes(actual)) };
            await FailsAsync(StoreErrorKind.Integrity, () => store.WriteAsync("odd", content, Cancellation));
            Assert.Null(await store.StatAsync("odd", Cancellation));
        }
    }

    [Fact]
    public async Task A_conditional_write_finds_what_is_there()
    {
        await using var store = await _lab.NewBucketAsync(S3Peer.Ceph);
        Assert.True(store.Capabilities.ConditionalWrite);
        Assert.Equal(WriteOutcome.Written, await store.WriteAsync("once", Streaming(Bytes(100), ifAbsent: true), Cancellation));
        Assert.Equal(WriteOutcome.AlreadyPresent, await store.WriteAsync("once", Streaming(Bytes(100, seed: 2), ifAbsent: true), Cancellation));
        Assert.Equal(WriteOutcome.AlreadyPresent, await store.WriteAsync("once", Streaming(Bytes(2 * MiB), ifAbsent: true), Cancellation));
        Assert.Equal(Bytes(100), await ReadAllAsync(store, "once"));
    }

    [Fact]
    public async Task A_server_that_knows_no_conditions_is_asked_once()
    {
        await using var store = await _lab.NewBucketAsync(S3Peer.Swift);
        Assert.Equal(WriteOutcome.Written, await store.WriteAsync("once", Streaming(Bytes(100), ifAbsent: true), Cancellation));
        Assert.False(store.Capabilities.ConditionalWrite);
        var before = store.Traffic.Requests;
        Assert.Equal(WriteOutcome.Written, await store.WriteAsync("twice", Streaming(Bytes(100), ifAbsent: true), Cancellation));
        Assert.Equal(1, store.Traffic.Requests - before);
        Assert.Equal(Bytes(100), await ReadAllAsync(store, "once"));
    }

    [Theory, CombinatorialPeers]
    public async Task Nothing_is_chunked_and_the_digest_goes_ahead(S3Peer peer)
    {
        await _lab.RequireAsync(peer);
        await using var proxy = FaultProxy.Start(_lab.Endpoint(peer));
        await using var store = await _lab.NewBucketAsync(peer, options => options.At(proxy.Uri));
        var bytes = Bytes(5_000);
        await store.WriteAsync("sent", Streaming(bytes), Cancellation);

        var put = Assert.Single(proxy.Requests, request => request.Target.EndsWith("/sent", StringComparison.Ordinal));
        var headers = string.Join('\n', put.Headers).ToLowerInvariant();
        Assert.Contains("x-amz-content-sha256: " + Digest.OfSha256(bytes).Hex, headers, StringComparison.Ordinal);
        Assert.Contains("x-amz-checksum-sha256:", headers, StringComparison.Ordinal);
        Assert.Contains("content-length: 5000", headers, StringComparison.Ordinal);
        Assert.DoesNotContain("chunked", headers, StringComparison.Ordinal);
        Assert.DoesNotContain("trailer", headers, StringComparison.Ordinal);
        Assert.DoesNotContain("expect", headers, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(501, "NotImplemented")]
    [InlineData(400, "InvalidRequest")]
    public async Task A_server_that_refuses_the_checksum_header_is_not_sent_it_again(int status, string code)
    {
        await _lab.RequireAsync(S3Peer.Ceph);
        await using var proxy = FaultProxy.Start(_lab.Endpoint(S3Peer.Ceph));
        await using var store = await _lab.NewBucketAsync(S3Peer.Ceph, options => options.At(proxy.Uri));
        proxy.Rules.Add(new FaultRule { Method = "PUT", Fault = Fault.Answer(status, $"<Error><Code>{code}</Code></Error>") });
        await store.WriteAsync("first", Streaming(Bytes(10)), Cancellation);
        await store.WriteAsync("second", Streaming(Bytes(10)), Cancellation);

        var sent = proxy.Requests.Where(request => request.Method == "PUT").TakeLast(3).Select(request => request.Headers.Any(header => header.StartsWith("x-amz-checksum-sha256", StringComparison.OrdinalIgnoreCase)));
        Assert.Equal([true, false, false], sent);
    }

    [Theory, CombinatorialPeers]
    public async Task Cancelling_ends_a_write_and_stores_nothing(S3Peer peer)
    {
        await using var store = await _lab.NewBucketAsync(peer);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var content = new StoreContent(1000, async token =>
        {
            await cancel.CancelAsync();
            token.ThrowIfCancellationRequested();
            return Stream.Null;
        }) { Sha256 = Digest.OfSha256(Bytes(1000)) };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => store.WriteAsync("cancelled", content, cancel.Token));
        Assert.Null(await store.StatAsync("cancelled", Cancellation));
    }
}
