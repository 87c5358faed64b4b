using RegistryMigration.Engine.Stores.S3;
using RegistryMigration.Engine.Tests.Faults;
using RegistryMigration.Engine.Tests.Lab;
using RegistryMigration.Model;
using static RegistryMigration.Engine.Tests.Stores.S3.S3Lab;

namespace RegistryMigration.Engine.Tests.Stores.S3;

public sealed class S3CopyingTests(LabFixture servers)
{
    private const int Large = (2 * 5 * MiB) + 1_000;
    private readonly S3Lab _lab = new(servers);

    [Theory, CombinatorialPeers(0, 1_000)]
    public async Task A_copy_between_buckets_takes_one_request_and_a_look(S3Peer peer, int length)
    {
        await using var source = await _lab.NewBucketAsync(peer);
        await using var target = await _lab.NewBucketAsync(peer);
        await source.WriteAsync("from/here", Streaming(Bytes(length)), Cancellation);
        var before = target.Traffic.Requests;

        Assert.True(target.CanCopyFrom(source));
        await target.CopyFromAsync(source, "from/here", "to/there", length, Cancellation);

        Assert.Equal(2, target.Traffic.Requests - before);
        Assert.Equal(0, target.Traffic.BytesWritten);
        Assert.Equal(Bytes(length), await ReadAllAsync(target, "to/there"));
    }

    [Theory, CombinatorialPeers]
    public async Task A_large_object_is_copied_in_parts(S3Peer peer)
    {
        await using var source = await _lab.NewBucketAsync(peer, options => options.InParts());
        await using var target = await _lab.NewBucketAsync(peer, options => options.InParts());
        target.Copying.MaxSingleCopy = 5 * MiB;
        await source.WriteAsync("from", Streaming(Bytes(Large)), Cancellation);
        var before = target.Traffic.Requests;

        await target.CopyFromAsync(source, "from", "to", Large, Cancellation);

        // Begin, three parts, complete, a look at the size.
        Assert.Equal(6, target.Traffic.Requests - before);
        Assert.Equal(Bytes(Large), await ReadAllAsync(target, "to"));
    }

    [Theory, CombinatorialPeers(false, true)]
    public async Task A_source_of_another_size_is_noticed(S3Peer peer, bool inParts)
    {
        await using var source = await _lab.NewBucketAsync(peer);
        await using var target = await _lab.NewBucketAsync(peer, options => options.InParts());
        target.Copying.MaxSingleCopy = inParts ? 5 * MiB : PartPlan.MaxSingleRequest;
        await source.WriteAsync("from", Streaming(Bytes(Large)), Cancellation);
        await FailsAsync(StoreErrorKind.Changed, () => target.CopyFromAsync(source, "from", "to", Large - 1, Cancellation));
    }

    [Theory, CombinatorialPeers(false, true)]
    public async Task A_source_that_is_gone_is_not_found_and_leaves_nothing(S3Peer peer, bool inParts)
    {
        await using var store = await _lab.NewBucketAsync(peer, options => options.InParts());
        store.Copying.MaxSingleCopy = inParts ? 5 * MiB : PartPlan.MaxSingleRequest;
        await FailsAsync(StoreErrorKind.NotFound, () => store.CopyFromAsync(store, "nothing", "to", Large, Cancellation));
        Assert.Null(await store.StatAsync("to", Cancellation));
    }

    [Theory, CombinatorialPeers]
    public async Task A_copy_in_parts_that_fails_leaves_no_parts(S3Peer peer)
    {
        await _lab.RequireAsync(peer);
        await using var proxy = FaultProxy.Start(_lab.Endpoint(peer));
        await using var store = await _lab.NewBucketAsync(peer, options => options.InParts().At(proxy.Uri));
        store.Copying.MaxSingleCopy = 5 * MiB;
        await store.WriteAsync("from", Streaming(Bytes(Large)), Cancellation);
        proxy.Rules.Add(new FaultRule { Method = "PUT", Target = target => target.Contains("partNumber=2", StringComparison.Ordinal), Fault = Fault.Answer(403, "<Error><Code>AccessDenied</Code></Error>") });
        await FailsAsync(StoreErrorKind.Denied, () => store.CopyFromAsync(store, "from", "to", Large, Cancellation));
        Assert.Single(proxy.Requests, request => request.Method == "DELETE");
        Assert.Null(await store.StatAsync("to", Cancellation));
    }

    [Theory, CombinatorialPeers]
    public async Task A_copy_that_failed_inside_an_answer_of_200_is_a_failure(S3Peer peer)
    {
        await _lab.RequireAsync(peer);
        await using var proxy = FaultProxy.Start(_lab.Endpoint(peer));
        await using var store = await _lab.NewBucketAsync(peer, options => options.At(proxy.Uri));
        await store.WriteAsync("from", Streaming(Bytes(10)), Cancellation);
        proxy.Rules.Add(new FaultRule { Method = "PUT", Fault = Fault.Answer(200, "<?xml version=\"1.0\"?>\n<Error><Code>InternalError</Code></Error>", ("Content-Type", "application/xml")) });
        await FailsAsync(StoreErrorKind.Transient, () => store.CopyFromAsync(store, "from", "to", 10, Cancellation));
        await store.CopyFromAsync(store, "from", "to", 10, Cancellation);
    }

    [Fact]
    public async Task Only_the_same_server_under_the_same_name_copies_by_itself()
    {
        await _lab.RequireAsync(S3Peer.Ceph);
        await _lab.RequireAsync(S3Peer.Swift);
        await using var store = _lab.Open(S3Peer.Ceph, "one");
        await using var sibling = _lab.Open(S3Peer.Ceph, "two", prefix: "p");
        await using var elsewhere = _lab.Open(S3Peer.Swift, "one");
        await using var stranger = _lab.Open(S3Peer.Ceph, "one", change: options => options.With(accessKey: "other", secretKey: "other"));
        await using var careless = _lab.Open(S3Peer.Ceph, "one", tls: new TlsOptions { SkipCertificateCheck = true });
        Assert.True(store.CanCopyFrom(sibling));
        Assert.False(store.CanCopyFrom(elsewhere));
        Assert.False(store.CanCopyFrom(stranger));
        Assert.False(store.CanCopyFrom(careless));
        await Assert.ThrowsAsync<ArgumentException>(() => store.CopyFromAsync(stranger, "a", "b", 1, Cancellation));
    }
}
