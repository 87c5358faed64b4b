using RegistryMigration.Engine.Stores.S3;
using RegistryMigration.Engine.Tests.Faults;
using RegistryMigration.Engine.Tests.Lab;
using RegistryMigration.Model;
using static RegistryMigration.Engine.Tests.Stores.S3.S3Lab;

namespace RegistryMigration.Engine.Tests.Stores.S3;

public sealed class S3InitializationTests(LabFixture servers)
{
    private static readonly Dictionary<string, string> None = [];
    private readonly S3Lab _lab = new(servers);

    [Theory, CombinatorialPeers]
    public async Task A_bucket_is_made_once(S3Peer peer)
    {
        await _lab.RequireAsync(peer);
        await using var store = _lab.Open(peer, NewName());
        Assert.True(await store.InitializeAsync(None, Cancellation));
        Assert.False(await store.InitializeAsync(None, Cancellation));
    }

    [Fact]
    public async Task Metadata_becomes_tags_and_tags_of_others_stay()
    {
        await _lab.RequireAsync(S3Peer.Ceph);
        await using var proxy = FaultProxy.Start(_lab.Endpoint(S3Peer.Ceph));
        await using var store = _lab.Open(S3Peer.Ceph, NewName(), change: options => options.At(proxy.Uri));
        await store.InitializeAsync(new Dictionary<string, string> { ["Name"] = "registry" }, Cancellation);
        await store.InitializeAsync(new Dictionary<string, string> { ["Openshiftclusterid"] = "cluster-x7" }, Cancellation);
        await store.InitializeAsync(new Dictionary<string, string> { ["Name"] = "registry", ["Openshiftclusterid"] = "cluster-x7" }, Cancellation);
        Assert.Equal(2, proxy.Requests.Count(request => request.Method == "PUT" && request.Target.EndsWith("?tagging", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Metadata_that_a_server_can_not_hold_is_said_to_be_unsupported()
    {
        await _lab.RequireAsync(S3Peer.Swift);
        await using var store = _lab.Open(S3Peer.Swift, NewName());
        var failure = await FailsAsync(StoreErrorKind.Unsupported, () => store.InitializeAsync(new Dictionary<string, string> { ["Name"] = "registry" }, Cancellation));
        Assert.Contains("metadata", failure.Message, StringComparison.Ordinal);
        Assert.False(await store.InitializeAsync(None, Cancellation));
    }

    [Fact]
    public async Task A_bucket_of_somebody_else_is_denied()
    {
        await using var theirs = await _lab.NewBucketAsync(S3Peer.Ceph);
        var second = _lab.Servers.Ceph.Second;
        await using var ours = _lab.Open(S3Peer.Ceph, theirs.Name["s3://".Length..], change: options => options.With(accessKey: second.AccessKey, secretKey: second.SecretKey));
        await FailsAsync(StoreErrorKind.Denied, () => ours.InitializeAsync(None, Cancellation));
        await FailsAsync(StoreErrorKind.Denied, () => ours.WriteAsync("key", Streaming(Bytes(10)), Cancellation));
        await FailsAsync(StoreErrorKind.Denied, () => ListAllAsync(ours));
    }

    [Fact]
    public async Task A_region_that_is_no_location_of_the_server_is_left_out()
    {
        await _lab.RequireAsync(S3Peer.Ceph);
        var options = new S3Options { Endpoint = _lab.Endpoint(S3Peer.Ceph), Region = "eu-somewhere-7", AccessKey = _lab.Servers.Ceph.AccessKey, SecretKey = new Secret(_lab.Servers.Ceph.SecretKey) };
        await using var store = S3Store.Create(StoreAddress.InContainer(StoreKind.S3, NewName()), "", options, new TlsOptions(), Impatient());
        Assert.True(await store.InitializeAsync(None, Cancellation));
        await store.WriteAsync("key", Streaming(Bytes(10)), Cancellation);
    }
}
