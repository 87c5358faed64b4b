using RegistryMigration.Engine.Stores;
using RegistryMigration.Engine.Stores.Swift;
using RegistryMigration.Engine.Tests.Lab;
using RegistryMigration.Model;
using static RegistryMigration.Engine.Tests.Stores.Swift.StoreAssertions;

namespace RegistryMigration.Engine.Tests.Stores.Swift;

/// <summary>Ceph's Swift API, which is not Swift in every respect.</summary>
public sealed class RadosGatewayTests(LabFixture lab)
{
    private static readonly string[] Keys = ["a-b", "a/b", "a/c", "a.b", "ä", "\ue000x", "\U00010000x", "a b", "a%2Fb", "a+b", "a?b", "x//y", "b/c/d"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Writes_lists_reads_and_deletes()
    {
        await using var space = await SwiftSpace.CephAsync(lab);
        var store = space.Store("pre", "files/", pageSize: 3);
        foreach (var key in Keys)
            await store.PutAsync(key, key);
        var listed = await store.AllAsync();
        Assert.Equal(Keys.Order(KeyOrder.Instance), listed.Select(entry => entry.Key));
        Assert.All(listed, entry => Assert.Matches("^[0-9a-f]{32}$", entry.Md5));
        Assert.Equal(["a/", "b/", "x/"], await store.ListPrefixesAsync("", Cancellation));
        Assert.Equal(["b/c/"], await store.ListPrefixesAsync("b/", Cancellation));
        foreach (var key in Keys)
        {
            Assert.Equal(key, System.Text.Encoding.UTF8.GetString(await store.BytesAsync(key)));
            await store.DeleteAsync(key, Cancellation);
        }

        Assert.Empty(await store.AllAsync());
    }

    [Fact]
    public async Task Large_objects_are_written_read_and_deleted_whole()
    {
        await using var space = await SwiftSpace.CephAsync(lab);
        var store = space.Store();
        var bytes = Random(200_001);
        Assert.Equal(WriteOutcome.Written, await store.WriteAsync("k", Streaming(bytes), Cancellation));
        Assert.Equal(bytes.Length, (await store.StatAsync("k", Cancellation))!.Value.Size);
        Assert.Equal(bytes, await store.BytesAsync("k"));
        string version;
        await using (var reader = await store.ReadAsync("k", 0, null, Cancellation))
            version = reader.Version!;
        Assert.Equal(bytes[70_000..], await store.BytesAsync("k", 70_000, version));
        await store.DeleteAsync("k", Cancellation);
        Assert.Empty(await space.NamesAsync());
    }

    [Fact]
    public async Task Streams_are_written_and_a_missing_container_is_named()
    {
        await using var space = await SwiftSpace.CephAsync(lab);
        var bytes = Random(3_000_000);
        var store = space.Store(segmentSize: 20 << 20);
        await store.WriteAsync("k", Streaming(bytes), Cancellation);
        Assert.Equal(bytes, await store.BytesAsync("k"));
        Assert.False(store.Capabilities.ConditionalWrite);
        await ThrowsAsync(StoreErrorKind.NotFound, () => space.Store(container: "no-such-container").AllAsync());
        await ThrowsAsync(StoreErrorKind.NotFound, () => space.Store(container: "no-such-container").PutAsync("k", "x"));
        var made = space.Store(container: space.Container + "-made");
        Assert.True(await made.InitializeAsync(new Dictionary<string, string> { ["Purpose"] = "registry" }, Cancellation));
        Assert.False(await made.InitializeAsync(new Dictionary<string, string> { ["Purpose"] = "registry" }, Cancellation));
    }

    [Fact]
    public async Task A_containers_quota_is_a_full_store()
    {
        await using var space = await SwiftSpace.CephAsync(lab);
        using (var quota = await space.SendAsync(HttpMethod.Post, "", [], ("X-Container-Meta-Quota-Bytes", "8192")))
            quota.EnsureSuccessStatusCode();
        var store = space.Store(segmentSize: 1 << 20);
        var failure = await ThrowsAsync(StoreErrorKind.Full, () => store.WriteAsync("k", Streaming(Random(100_000)), Cancellation));
        Assert.Contains("quota", failure.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task The_private_CA_of_a_cloud_is_trusted_and_no_other()
    {
        await lab.RequireAsync("ceph");
        var swift = lab.Ceph.Swift;
        var file = Path.GetTempFileName();
        try
        {
            var auth = $"auth_type: v1password, auth: {{auth_url: '{swift.TlsAuthUrl}', username: '{swift.User}', password: '{swift.Key}'}}";
            await File.WriteAllTextAsync(file, $"clouds: {{known: {{cacert: '{lab.Ceph.CaFile}', {auth}}}, unknown: {{{auth}}}}}", Cancellation);
            await using var known = Store("known");
            Assert.True(await known.InitializeAsync(new Dictionary<string, string>(), Cancellation));
            await using var unknown = Store("unknown");
            await ThrowsAsync(StoreErrorKind.Certificate, () => unknown.AllAsync());
        }
        finally
        {
            File.Delete(file);
        }

        SwiftStore Store(string cloud) => SwiftStore.Create(
            StoreAddress.Parse("swift://tls-" + Guid.NewGuid().ToString("n")), "", new SwiftOptions { Cloud = cloud, CloudsFile = file }, new TlsOptions(), SwiftSpace.Context());
    }
}
