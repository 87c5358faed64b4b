using System.Globalization;
using RegistryMigration.Engine.Tests.Faults;
using RegistryMigration.Engine.Tests.Lab;
using RegistryMigration.Model;
using static RegistryMigration.Engine.Tests.Stores.S3.S3Lab;

namespace RegistryMigration.Engine.Tests.Stores.S3;

public sealed class S3ReadingTests(LabFixture servers)
{
    private readonly S3Lab _lab = new(servers);

    [Theory, CombinatorialPeers]
    public async Task A_read_goes_on_where_another_stopped(S3Peer peer)
    {
        await using var store = await _lab.NewBucketAsync(peer);
        var bytes = Bytes(10_000);
        await store.WriteAsync("object", Streaming(bytes), Cancellation);

        await using var first = await store.ReadAsync("object", 0, version: null, Cancellation);
        await using var second = await store.ReadAsync("object", 4_000, first.Version, Cancellation);
        using var rest = new MemoryStream();
        await second.Content.CopyToAsync(rest, Cancellation);

        Assert.NotNull(first.Version);
        Assert.Equal(10_000, first.Length);
        Assert.Equal(10_000, second.Length);
        Assert.Equal(bytes[4_000..], rest.ToArray());
    }

    [Theory, CombinatorialPeers(0, 10_000)]
    public async Task A_read_from_the_end_is_empty(S3Peer peer, int length)
    {
        await using var store = await _lab.NewBucketAsync(peer);
        await store.WriteAsync("object", Streaming(Bytes(length)), Cancellation);
        await using var reader = await store.ReadAsync("object", length, version: null, Cancellation);
        Assert.Equal(length, reader.Length);
        Assert.Equal(0, await reader.Content.ReadAsync(new byte[1], Cancellation));
    }

    [Theory, CombinatorialPeers(4_000, 20_000)]
    public async Task An_object_that_changed_is_not_mixed_with_the_old_one(S3Peer peer, int offset)
    {
        await using var store = await _lab.NewBucketAsync(peer);
        await store.WriteAsync("object", Streaming(Bytes(20_000)), Cancellation);
        string? version;
        await using (var reader = await store.ReadAsync("object", 0, version: null, Cancellation))
            version = reader.Version;
        await store.WriteAsync("object", Streaming(Bytes(20_000, seed: 2)), Cancellation);
        await FailsAsync(StoreErrorKind.Changed, () => store.ReadAsync("object", offset, version, Cancellation));
    }

    [Theory, CombinatorialPeers]
    public async Task What_is_not_there_is_not_found(S3Peer peer)
    {
        await using var store = await _lab.NewBucketAsync(peer);
        var failure = await FailsAsync(StoreErrorKind.NotFound, () => store.ReadAsync("nothing", 0, version: null, Cancellation));
        Assert.Equal("nothing", failure.Key);
        Assert.Null(await store.StatAsync("nothing", Cancellation));
        await store.DeleteAsync("nothing", Cancellation);
    }

    [Theory, CombinatorialPeers]
    public async Task Stat_and_delete(S3Peer peer)
    {
        await using var store = await _lab.NewBucketAsync(peer);
        var bytes = Bytes(100);
        await store.WriteAsync("object", Streaming(bytes), Cancellation);

        var entry = await store.StatAsync("object", Cancellation);
        Assert.Equal(100, entry?.Size);
        Assert.Equal("object", entry?.Key);
#pragma warning disable CA5351 // What S3 calls an ETag.
        Assert.Equal(Convert.ToHexString(System.Security.Cryptography.MD5.HashData(bytes)).ToLower(CultureInfo.InvariantCulture), entry?.Md5);
#pragma warning restore CA5351
        Assert.InRange(entry!.Value.LastModified!.Value, TimeProvider.System.GetUtcNow().AddMinutes(-5), TimeProvider.System.GetUtcNow().AddMinutes(5));

        await store.DeleteAsync("object", Cancellation);
        Assert.Null(await store.StatAsync("object", Cancellation));
    }

    public static readonly TheoryData<string> OddKeys =
    [
        "with space", "plus+plus", "per%cent%20", "ampersand&=?#", "unicode-ä-日本-🎉", "quote'\"<>", "a//b", "dot.", "tilde~!*()", "back\\slash", "colon:;,@$", "trailing/", new string('k', 1024),
    ];

    [Theory, MemberData(nameof(OddKeys))]
    public async Task Odd_keys_are_written_listed_read_copied_and_deleted(string key)
    {
        foreach (var peer in Enum.GetValues<S3Peer>())
        {
            await using var store = await _lab.NewBucketAsync(peer);
            var bytes = Bytes(100);
            await store.WriteAsync(key, Streaming(bytes), Cancellation);
            var entry = Assert.Single(await ListAllAsync(store));
            Assert.Equal(key, entry.Key);
            Assert.Equal(bytes, await ReadAllAsync(store, key));
            Assert.Equal(100, (await store.StatAsync(key, Cancellation))?.Size);
            var copy = key.Length == 1024 ? new string('l', 1024) : "copy/" + key;
            await store.CopyFromAsync(store, key, copy, 100, Cancellation);
            Assert.Equal(bytes, await ReadAllAsync(store, copy));
            await store.DeleteAsync(key, Cancellation);
            Assert.Equal(copy, Assert.Single(await ListAllAsync(store)).Key);
        }
    }

    [Fact]
    public async Task A_key_that_is_too_long_is_refused_before_it_is_sent()
    {
        await _lab.RequireAsync(S3Peer.Ceph);
        await using var store = _lab.Open(S3Peer.Ceph, NewName(), prefix: "some/prefix", root: "docker/registry/v2");
        Assert.Equal(1024 - "some/prefix/docker/registry/v2/".Length, store.Capabilities.MaxKeyBytes);
        var failure = await FailsAsync(StoreErrorKind.InvalidKey, () => store.WriteAsync(new string('k', store.Capabilities.MaxKeyBytes + 1), Streaming(Bytes(1)), Cancellation));
        Assert.Contains("1025 bytes", failure.Message, StringComparison.Ordinal);
        Assert.Equal(0, store.Traffic.Requests);
    }

    [Theory, CombinatorialPeers]
    public async Task An_answer_that_is_cut_short_is_a_passing_failure(S3Peer peer)
    {
        await _lab.RequireAsync(peer);
        await using var proxy = FaultProxy.Start(_lab.Endpoint(peer));
        await using var store = await _lab.NewBucketAsync(peer, options => options.At(proxy.Uri));
        await store.WriteAsync("object", Streaming(Bytes(100_000)), Cancellation);
        foreach (var fault in (Fault[])[Fault.CutResponse(50_000), Fault.ResetResponse(50_000)])
        {
            proxy.Rules.Add(new FaultRule { Method = "GET", Fault = fault });
            await FailsAsync(StoreErrorKind.Transient, () => ReadAllAsync(store, "object"));
        }

        Assert.Equal(Bytes(100_000), await ReadAllAsync(store, "object"));
    }
}
