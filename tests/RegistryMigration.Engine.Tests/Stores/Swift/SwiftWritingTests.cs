using RegistryMigration.Engine.Stores;
using RegistryMigration.Engine.Tests.Faults;
using RegistryMigration.Engine.Tests.Lab;
using RegistryMigration.Model;
using static RegistryMigration.Engine.Tests.Stores.Swift.StoreAssertions;

namespace RegistryMigration.Engine.Tests.Stores.Swift;

public sealed class SwiftWritingTests(LabFixture lab)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Writes_from_memory_and_from_a_stream_in_one_request_each()
    {
        await using var space = await SwiftSpace.TempAuthAsync(lab);
        var store = space.Store("pre", "files/", segmentSize: 20 << 20);
        await store.PutAsync("warm", "up");
        var before = store.Traffic.Requests;
        var bytes = Random(3_000_000);
        Assert.Equal(WriteOutcome.Written, await store.PutAsync("a/link", "sha256:abc"));
        Assert.Equal(WriteOutcome.Written, await store.WriteAsync("a/data", Streaming(bytes), Cancellation));
        Assert.Equal(before + 2, store.Traffic.Requests);
        Assert.Equal("sha256:abc"u8.ToArray(), await space.GetAsync("pre/files/a/link"));
        Assert.Equal(bytes, await space.GetAsync("pre/files/a/data"));
        Assert.Equal("application/octet-stream", await space.HeaderAsync("pre/files/a/data", "Content-Type"));
        Assert.Equal(2 + 10 + bytes.Length, store.Traffic.BytesWritten);
    }

    [Fact]
    public async Task An_empty_object_is_written()
    {
        await using var space = await SwiftSpace.TempAuthAsync(lab);
        await space.Store().WriteAsync("empty", new StoreContent(ReadOnlyMemory<byte>.Empty), Cancellation);
        await space.Store().WriteAsync("empty-stream", Streaming([]), Cancellation);
        Assert.Equal(0, (await space.Store().StatAsync("empty", Cancellation))!.Value.Size);
        Assert.Equal(0, (await space.Store().StatAsync("empty-stream", Cancellation))!.Value.Size);
    }

    [Fact]
    public async Task A_conditional_write_leaves_what_is_there()
    {
        await using var space = await SwiftSpace.TempAuthAsync(lab);
        await space.PutAsync("k", "first");
        var store = space.Store(segmentSize: 1 << 20);
        Assert.Equal(WriteOutcome.AlreadyPresent, await store.WriteAsync("k", new StoreContent("second"u8.ToArray()) { IfAbsent = true }, Cancellation));
        Assert.Equal(WriteOutcome.AlreadyPresent, await store.WriteAsync("k", Streaming("second"u8.ToArray(), ifAbsent: true), Cancellation));
        Assert.Equal(WriteOutcome.AlreadyPresent, await store.WriteAsync("k", Streaming(Random(3 << 20), ifAbsent: true), Cancellation));
        Assert.Equal("first"u8.ToArray(), await space.GetAsync("k"));
        Assert.Equal(WriteOutcome.Written, await store.WriteAsync("new", new StoreContent("x"u8.ToArray()) { IfAbsent = true }, Cancellation));
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(1_500_000)]
    public async Task Content_that_fails_before_its_last_byte_stores_nothing_and_its_failure_comes_unchanged(int length)
    {
        await using var space = await SwiftSpace.TempAuthAsync(lab);
        var failure = new StoreException(StoreErrorKind.Integrity, "the digest is another") { Party = Party.Source };
        var thrown = await Assert.ThrowsAsync<StoreException>(() => space.Store(segmentSize: 20 << 20).WriteAsync("k", Failing(Random(length), length - 1, failure), Cancellation));
        Assert.Same(failure, thrown);
        Assert.False(await space.ExistsAsync("k"));
    }

    [Fact]
    public async Task Content_that_ends_early_is_an_integrity_failure()
    {
        await using var space = await SwiftSpace.TempAuthAsync(lab);
        var content = new StoreContent(1000, _ => new ValueTask<Stream>(new MemoryStream(new byte[900])));
        await ThrowsAsync(StoreErrorKind.Integrity, () => space.Store().WriteAsync("k", content, Cancellation));
        Assert.False(await space.ExistsAsync("k"));
    }

    [Fact]
    public async Task Bytes_damaged_on_their_way_are_refused_by_the_server_or_deleted()
    {
        await using var space = await SwiftSpace.TempAuthAsync(lab);
        await using var proxy = FaultProxy.Start(lab.Swift.AuthUrl);
        proxy.Rules.Add(new FaultRule { Method = "PUT", Fault = Fault.ForwardThenAnswer(201, "", ("ETag", "00000000000000000000000000000000")) });
        await ThrowsAsync(StoreErrorKind.Integrity, () => space.Store(authUrl: proxy.Uri, segmentSize: 1 << 20).WriteAsync("streamed", Streaming(Random(100_000)), Cancellation));
        Assert.False(await space.ExistsAsync("streamed"));

        // What the server itself says to a wrong MD5 ahead of the content.
        using var wrong = await space.SendAsync(HttpMethod.Put, "small", "x"u8.ToArray(), ("ETag", "00000000000000000000000000000000"));
        Assert.Equal(422, (int)wrong.StatusCode);
        proxy.Rules.Clear();
        proxy.Rules.Add(new FaultRule { Method = "PUT", Fault = Fault.Answer(422) });
        await ThrowsAsync(StoreErrorKind.Integrity, () => space.Store(authUrl: proxy.Uri).PutAsync("small", "x"));
        Assert.Contains(proxy.Requests, request => request.Headers.Any(header => header.StartsWith("ETag: 9dd4e461268c8034f5c8564e155c67a6", StringComparison.OrdinalIgnoreCase)));
    }

    [Theory]
    [InlineData(413, StoreErrorKind.Full)]
    [InlineData(507, StoreErrorKind.Full)]
    [InlineData(429, StoreErrorKind.Throttled)]
    [InlineData(498, StoreErrorKind.Throttled)]
    [InlineData(503, StoreErrorKind.Throttled)]
    [InlineData(500, StoreErrorKind.Transient)]
    [InlineData(408, StoreErrorKind.Transient)]
    [InlineData(499, StoreErrorKind.Transient)]
    [InlineData(403, StoreErrorKind.Denied)]
    [InlineData(405, StoreErrorKind.ReadOnly)]
    public async Task Answers_become_errors_that_say_what_can_be_done(int status, StoreErrorKind kind)
    {
        await using var space = await SwiftSpace.TempAuthAsync(lab);
        await using var proxy = FaultProxy.Start(lab.Swift.AuthUrl);
        proxy.Rules.Add(new FaultRule { Method = "PUT", Times = 2, Fault = Fault.Answer(status, "<html><h1>Refused</h1><p>Upload exceeds quota.</p></html>", ("Retry-After", "7"), ("X-Trans-Id", "tx123")) });
        foreach (var length in new[] { 10, 1_500_000 })
        {
            var failure = await ThrowsAsync(kind, () => space.Store(authUrl: proxy.Uri, segmentSize: 20 << 20).WriteAsync("k", Streaming(Random(length)), Cancellation));
            Assert.Equal((status, TimeSpan.FromSeconds(7), "k"), (failure.StatusCode!.Value, failure.RetryAfter, failure.Key));
            Assert.Contains("Upload exceeds quota", failure.Message, StringComparison.Ordinal);
            Assert.Contains("tx123", failure.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_refusal_comes_before_a_large_body_is_sent()
    {
        await using var space = await SwiftSpace.TempAuthAsync(lab);
        await using var proxy = FaultProxy.Start(lab.Swift.AuthUrl);
        proxy.Rules.Add(new FaultRule { Method = "PUT", Fault = Fault.Answer(413) });
        var store = space.Store(authUrl: proxy.Uri, segmentSize: 20 << 20);
        await ThrowsAsync(StoreErrorKind.Full, () => store.WriteAsync("k", Streaming(Random(5 << 20)), Cancellation));
        Assert.Equal(0, store.Traffic.BytesWritten);
    }

    [Fact]
    public async Task A_missing_container_and_a_key_that_is_too_long_are_named()
    {
        await using var space = await SwiftSpace.TempAuthAsync(lab);
        var failure = await ThrowsAsync(StoreErrorKind.NotFound, () => space.Store(container: "nowhere").PutAsync("k", "x"));
        Assert.Contains("Initialize-RegistryStore", failure.Message, StringComparison.Ordinal);
        var store = space.Store("pre");
        await store.PutAsync(new string('ä', 510), "fits: 1,020 bytes and four of the prefix");
        await ThrowsAsync(StoreErrorKind.InvalidKey, () => store.PutAsync(new string('ä', 510) + "x", "1,025 bytes"));
        await ThrowsAsync(StoreErrorKind.InvalidKey, () => store.PutAsync("a\0b", "x"));
        Assert.Equal(1020, store.Capabilities.MaxKeyBytes);
    }

    [Fact]
    public async Task A_server_that_never_answers_and_one_that_resets_are_told_apart_from_the_source()
    {
        await using var space = await SwiftSpace.TempAuthAsync(lab);
        await using var proxy = FaultProxy.Start(lab.Swift.AuthUrl);
        proxy.Rules.Add(new FaultRule { Method = "PUT", Fault = Fault.Stall() });
        proxy.Rules.Add(new FaultRule { Method = "PUT", Fault = Fault.Reset(20_000) });
        var store = space.Store(authUrl: proxy.Uri, stall: TimeSpan.FromSeconds(1), segmentSize: 20 << 20);
        await ThrowsAsync(StoreErrorKind.Stalled, () => store.WriteAsync("k", Streaming(Random(500_000)), Cancellation));
        await ThrowsAsync(StoreErrorKind.Transient, () => store.WriteAsync("k", Streaming(Random(900_000)), Cancellation));
        Assert.False(await space.ExistsAsync("k"));
    }

    [Fact]
    public async Task A_slow_source_is_not_taken_for_a_silent_server()
    {
        await using var space = await SwiftSpace.TempAuthAsync(lab);
        var bytes = Random(200_000);
        var content = new StoreContent(bytes.Length, _ => new ValueTask<Stream>(new SlowStream(bytes, TimeSpan.FromSeconds(1.5))));
        Assert.Equal(WriteOutcome.Written, await space.Store(stall: TimeSpan.FromSeconds(1), segmentSize: 1 << 20).WriteAsync("k", content, Cancellation));
    }

    [Fact]
    public async Task Cancelling_a_write_is_a_cancellation()
    {
        await using var space = await SwiftSpace.TempAuthAsync(lab);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var content = new StoreContent(1000, async token =>
        {
            await cancel.CancelAsync();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
            return Stream.Null;
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => space.Store().WriteAsync("k", content, cancel.Token));
        Assert.False(await space.ExistsAsync("k"));
    }

    [Fact]
    public async Task A_container_is_made_once_with_its_metadata()
    {
        await using var space = await SwiftSpace.TempAuthAsync(lab);
        var store = space.Store(container: space.Container + "-new");
        var metadata = new Dictionary<string, string> { ["Purpose"] = "registry", ["Owner"] = "Zoë" };
        Assert.True(await store.InitializeAsync(metadata, Cancellation));
        Assert.False(await store.InitializeAsync(metadata, Cancellation));
        Assert.Empty(await store.AllAsync());
    }

    private sealed class SlowStream(byte[] bytes, TimeSpan delay) : MemoryStream(bytes, writable: false)
    {
        private bool _waited;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (!_waited && Position > 0)
            {
                _waited = true;
                await Task.Delay(delay, TimeProvider.System, cancellationToken);
            }

            return await base.ReadAsync(buffer, cancellationToken);
        }
    }
}
