using RegistryMigration.Engine.Resilience;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Engine.Stores.S3;
using RegistryMigration.Engine.Tests.Faults;
using RegistryMigration.Engine.Tests.Lab;
using RegistryMigration.Model;
using static RegistryMigration.Engine.Tests.Stores.S3.S3Lab;

namespace RegistryMigration.Engine.Tests.Stores.S3;

public sealed class S3MultipartTests(LabFixture servers)
{
    private const int Part = 5 * MiB;
    private const int Length = (3 * Part) + 1_000;
    private readonly S3Lab _lab = new(servers);

    [Theory, CombinatorialPeers(Part, 2 * Part, Length)]
    public async Task Parts_become_one_object(S3Peer peer, int length)
    {
        await using var store = await _lab.NewBucketAsync(peer, options => options.InParts());
        var bytes = Bytes(length);
        var before = store.Traffic.Requests;

        Assert.Equal(WriteOutcome.Written, await store.WriteAsync("large", Streaming(bytes), Cancellation));

        // List unfinished uploads, begin, parts, complete.
        Assert.Equal(3 + PartPlan.For(length, Part).Count, store.Traffic.Requests - before);
        Assert.Equal(length, store.Traffic.BytesWritten);
        var entry = await store.StatAsync("large", Cancellation);
        Assert.Equal(length, entry?.Size);
        Assert.Null(entry?.Md5);
        Assert.Equal(bytes, await ReadAllAsync(store, "large"));
        Assert.Equal(bytes[Part..], await ReadAllAsync(store, "large", Part));
    }

    [Theory, CombinatorialPeers]
    public async Task Parts_that_a_killed_run_sent_are_not_sent_again(S3Peer peer)
    {
        await _lab.RequireAsync(peer);
        await using var proxy = FaultProxy.Start(_lab.Endpoint(peer));
        await using var first = await _lab.NewBucketAsync(peer, options => options.InParts(concurrency: 1).At(proxy.Uri), Impatient(attempts: 1));
        var bytes = Bytes(Length);
        proxy.Rules.Add(Parts(Fault.Reset(1_000_000), skip: 2));
        await FailsAsync(StoreErrorKind.Transient, () => first.WriteAsync("large", Streaming(bytes), Cancellation));
        Assert.Null(await first.StatAsync("large", Cancellation));

        await using var second = _lab.Open(peer, BucketOf(first), change: options => options.InParts(concurrency: 1));
        await second.WriteAsync("large", Streaming(bytes), Cancellation);

        Assert.Equal(Length - (2 * Part), second.Traffic.BytesWritten);
        // List uploads, list parts, two parts, complete.
        Assert.Equal(5, second.Traffic.Requests);
        Assert.Equal(bytes, await ReadAllAsync(second, "large"));
    }

    [Theory, CombinatorialPeers]
    public async Task Parts_with_other_bytes_are_sent_again(S3Peer peer)
    {
        await _lab.RequireAsync(peer);
        await using var proxy = FaultProxy.Start(_lab.Endpoint(peer));
        await using var first = await _lab.NewBucketAsync(peer, options => options.InParts(concurrency: 1).At(proxy.Uri), Impatient(attempts: 1));
        proxy.Rules.Add(Parts(Fault.Reset(), skip: 2));
        await FailsAsync(StoreErrorKind.Transient, () => first.WriteAsync("large", Streaming(Bytes(Length, seed: 2)), Cancellation));

        await using var second = _lab.Open(peer, BucketOf(first), change: options => options.InParts());
        await second.WriteAsync("large", Streaming(Bytes(Length)), Cancellation);
        Assert.Equal(Length, second.Traffic.BytesWritten);
        Assert.Equal(Bytes(Length), await ReadAllAsync(second, "large"));
    }

    [Theory, CombinatorialPeers]
    public async Task Parts_of_another_size_and_other_keys_are_left_alone(S3Peer peer)
    {
        await _lab.RequireAsync(peer);
        await using var proxy = FaultProxy.Start(_lab.Endpoint(peer));
        await using var first = await _lab.NewBucketAsync(peer, options => options.InParts(concurrency: 1).At(proxy.Uri), Impatient(attempts: 1));
        var bytes = Bytes(Length);
        proxy.Rules.Add(Parts(Fault.Reset(), skip: 1, times: 10));
        await FailsAsync(StoreErrorKind.Transient, () => first.WriteAsync("large", Streaming(bytes), Cancellation));
        await FailsAsync(StoreErrorKind.Transient, () => first.WriteAsync("large-neighbour", Streaming(bytes), Cancellation));

        await using var second = _lab.Open(peer, BucketOf(first), change: options => options.InParts(Part + MiB));
        await second.WriteAsync("large", Streaming(bytes), Cancellation);
        Assert.Equal(Length, second.Traffic.BytesWritten);

        // Both unfinished uploads are still there to be taken over by a run that fits.
        await using var third = _lab.Open(peer, BucketOf(first), change: options => options.InParts());
        await third.WriteAsync("large", Streaming(bytes), Cancellation);
        Assert.Equal(Length - Part, third.Traffic.BytesWritten);
    }

    [Theory, CombinatorialPeers]
    public async Task A_source_that_fails_leaves_neither_object_nor_parts(S3Peer peer)
    {
        await _lab.RequireAsync(peer);
        await using var proxy = FaultProxy.Start(_lab.Endpoint(peer));
        await using var store = await _lab.NewBucketAsync(peer, options => options.InParts().At(proxy.Uri));
        var failure = new StoreException(StoreErrorKind.Integrity, "The source's bytes are not what their name says.");
        Assert.Same(failure, await Assert.ThrowsAsync<StoreException>(() => store.WriteAsync("broken", Failing(Bytes(Length), failure), Cancellation)));
        Assert.Null(await store.StatAsync("broken", Cancellation));
        Assert.Single(proxy.Requests, request => request.Method == "DELETE" && request.Target.Contains("uploadId", StringComparison.Ordinal));
    }

    [Theory, CombinatorialPeers]
    public async Task Content_of_another_length_is_not_completed(S3Peer peer)
    {
        await using var store = await _lab.NewBucketAsync(peer, options => options.InParts());
        foreach (var said in (int[])[Length - 1, Length + 1, 2 * Part])
        {
            var content = new StoreContent(said, _ => new ValueTask<Stream>(new MemoryStream(Bytes(Length)))) { Sha256 = Digest.OfSha256(Bytes(Length)) };
            await FailsAsync(StoreErrorKind.Integrity, () => store.WriteAsync("odd", content, Cancellation));
            Assert.Null(await store.StatAsync("odd", Cancellation));
        }
    }

    [Theory, CombinatorialPeers]
    public async Task A_part_that_fails_is_sent_again_and_counted(S3Peer peer)
    {
        await _lab.RequireAsync(peer);
        await using var proxy = FaultProxy.Start(_lab.Endpoint(peer));
        await using var store = await _lab.NewBucketAsync(peer, options => options.InParts().At(proxy.Uri));
        proxy.Rules.Add(Parts(Fault.Answer(503, "<Error><Code>SlowDown</Code></Error>"), skip: 1));
        proxy.Rules.Add(Parts(Fault.Reset(1_000_000), skip: 1));
        proxy.Rules.Add(new FaultRule { Method = "POST", Target = target => target.EndsWith("?uploads", StringComparison.Ordinal), Fault = Fault.Answer(500, "<Error><Code>InternalError</Code></Error>") });
        await store.WriteAsync("large", Streaming(Bytes(Length)), Cancellation);
        Assert.Equal(3, store.Traffic.Retries);
        Assert.Equal(1, store.Traffic.Throttled);
        Assert.Equal(Bytes(Length), await ReadAllAsync(store, "large"));
    }

    [Theory, CombinatorialPeers]
    public async Task A_part_whose_bytes_were_damaged_on_the_way_aborts_the_upload(S3Peer peer)
    {
        await _lab.RequireAsync(peer);
        await using var proxy = FaultProxy.Start(_lab.Endpoint(peer));
        await using var store = await _lab.NewBucketAsync(peer, options => options.InParts().At(proxy.Uri));
        proxy.Rules.Add(Parts(Fault.Answer(400, "<Error><Code>XAmzContentSHA256Mismatch</Code></Error>"), skip: 1));
        await FailsAsync(StoreErrorKind.Integrity, () => store.WriteAsync("large", Streaming(Bytes(Length)), Cancellation));
        Assert.Single(proxy.Requests, request => request.Method == "DELETE");
    }

    [Theory, CombinatorialPeers]
    public async Task A_complete_that_succeeded_and_answered_500_is_a_success(S3Peer peer)
    {
        await _lab.RequireAsync(peer);
        await using var proxy = FaultProxy.Start(_lab.Endpoint(peer));
        await using var store = await _lab.NewBucketAsync(peer, options => options.InParts().At(proxy.Uri));
        proxy.Rules.Add(Complete(Fault.ForwardThenAnswer(500, "<Error><Code>InternalError</Code></Error>")));
        Assert.Equal(WriteOutcome.Written, await store.WriteAsync("large", Streaming(Bytes(Length)), Cancellation));
        Assert.Equal(Bytes(Length), await ReadAllAsync(store, "large"));
    }

    [Theory, CombinatorialPeers]
    public async Task A_complete_whose_answer_never_came_is_a_success(S3Peer peer)
    {
        await _lab.RequireAsync(peer);
        await using var proxy = FaultProxy.Start(_lab.Endpoint(peer));
        await using var store = await _lab.NewBucketAsync(peer, options => options.InParts().At(proxy.Uri));
        proxy.Rules.Add(Complete(Fault.ResetResponse(0)));
        await store.WriteAsync("large", Streaming(Bytes(Length)), Cancellation);
        Assert.Equal(Bytes(Length), await ReadAllAsync(store, "large"));
    }

    [Theory, CombinatorialPeers]
    public async Task A_complete_that_failed_inside_an_answer_of_200_is_repeated(S3Peer peer)
    {
        await _lab.RequireAsync(peer);
        await using var proxy = FaultProxy.Start(_lab.Endpoint(peer));
        await using var store = await _lab.NewBucketAsync(peer, options => options.InParts().At(proxy.Uri));
        var rule = Complete(Fault.Answer(200, "<?xml version=\"1.0\"?>\n\n<Error><Code>InternalError</Code><Message>We encountered an internal error.</Message></Error>", ("Content-Type", "application/xml")));
        proxy.Rules.Add(rule);
        await store.WriteAsync("large", Streaming(Bytes(Length)), Cancellation);
        Assert.Equal(1, rule.Met);
        Assert.Equal(1, store.Traffic.Retries);
        Assert.Equal(Bytes(Length), await ReadAllAsync(store, "large"));
    }

    [Theory, CombinatorialPeers]
    public async Task Two_writers_of_one_object_both_end_well(S3Peer peer)
    {
        await using var first = await _lab.NewBucketAsync(peer, options => options.InParts());
        await using var second = _lab.Open(peer, BucketOf(first), change: options => options.InParts());
        var bytes = Bytes(Length);
        var policy = new RetryPolicy(new RetryOptions { BaseDelay = TimeSpan.FromMilliseconds(10) }, TimeProvider.System);
        await Task.WhenAll(new[] { first, second }.Select(store => policy.ExecuteAsync(store.Traffic, async token => await store.WriteAsync("large", Streaming(bytes), token), Cancellation).AsTask()));
        Assert.Equal(bytes, await ReadAllAsync(first, "large"));
    }

    [Fact]
    public async Task A_conditional_complete_finds_what_is_there()
    {
        await using var store = await _lab.NewBucketAsync(S3Peer.Swift, options => options.InParts());
        Assert.Equal(WriteOutcome.Written, await store.WriteAsync("large", Streaming(Bytes(Length), ifAbsent: true), Cancellation));
        Assert.Equal(Bytes(Length), await ReadAllAsync(store, "large"));
    }

    [Theory, CombinatorialPeers]
    public async Task Cancelling_leaves_the_parts_for_the_next_run(S3Peer peer)
    {
        await _lab.RequireAsync(peer);
        await using var proxy = FaultProxy.Start(_lab.Endpoint(peer));
        await using var first = await _lab.NewBucketAsync(peer, options => options.InParts(concurrency: 1).At(proxy.Uri));
        proxy.Rules.Add(Parts(Fault.Stall(), skip: 2));
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var writing = first.WriteAsync("large", Streaming(Bytes(Length)), cancel.Token);
        while (proxy.Requests.All(request => request.Fault is null))
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Cancellation);
        await cancel.CancelAsync();
        Assert.Equal(cancel.Token, (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing)).CancellationToken);

        await using var second = _lab.Open(peer, BucketOf(first), change: options => options.InParts());
        await second.WriteAsync("large", Streaming(Bytes(Length)), Cancellation);
        Assert.Equal(Length - (2 * Part), second.Traffic.BytesWritten);
    }

    [Fact]
    public async Task Buffers_stay_within_the_memory_budget()
    {
        var memory = new MemoryBudget(Part);
        var context = Impatient() with { Memory = memory };
        await using var store = await _lab.NewBucketAsync(S3Peer.Ceph, options => options.InParts(concurrency: 4), context);
        await Task.WhenAll(Enumerable.Range(0, 3).Select(i => store.WriteAsync($"large-{i}", Streaming(Bytes(Length, i)), Cancellation)));
        using var all = await memory.AcquireAsync(Part, Cancellation);
    }

    private static string BucketOf(S3Store store) => store.Name["s3://".Length..];

    private static FaultRule Parts(Fault fault, int skip = 0, int times = 1) =>
        new() { Method = "PUT", Target = target => target.Contains("partNumber", StringComparison.Ordinal), Fault = fault, Skip = skip, Times = times };

    private static FaultRule Complete(Fault fault) => new() { Method = "POST", Target = target => target.Contains("uploadId", StringComparison.Ordinal), Fault = fault };
}
