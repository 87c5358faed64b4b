using RegistryMigration.Engine.Stores;
using RegistryMigration.Engine.Stores.Swift;
using RegistryMigration.Engine.Tests.Lab;
using RegistryMigration.Model;
using static RegistryMigration.Engine.Tests.Stores.Swift.StoreAssertions;

namespace RegistryMigration.Engine.Tests.Stores.Swift.Objects;

public sealed class ServerSideCopyTests(LabFixture lab)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Copies_between_containers_without_a_byte_passing_here_and_shares_no_segments()
    {
        await using var source = await SwiftSpace.TempAuthAsync(lab);
        await using var target = await SwiftSpace.TempAuthAsync(lab);
        var from = source.Store("pre", "files/");
        var to = target.Store();
        var bytes = Random(200_000);
        await from.PutAsync("odd é%?/plain", "hello");
        await from.WriteAsync("large", Streaming(bytes), Cancellation);

        Assert.True(to.CanCopyFrom(from));
        await to.CopyFromAsync(from, "odd é%?/plain", "copy of plain", 5, Cancellation);
        await to.CopyFromAsync(from, "large", "copy of large", bytes.Length, Cancellation);

        Assert.Equal("hello"u8.ToArray(), await target.GetAsync("copy of plain"));
        Assert.Equal(0, to.Traffic.BytesRead + to.Traffic.BytesWritten);
        await from.DeleteAsync("large", Cancellation);
        Assert.Equal(bytes, await target.GetAsync("copy of large"));
        Assert.Null(await target.HeaderAsync("copy of large", "X-Object-Manifest"));
    }

    [Fact]
    public async Task What_is_missing_at_the_source_is_not_found()
    {
        await using var space = await SwiftSpace.TempAuthAsync(lab);
        await ThrowsAsync(StoreErrorKind.NotFound, () => space.Store().CopyFromAsync(space.Store(), "none", "k", 1, Cancellation));
    }

    [Fact]
    public async Task Only_the_same_user_at_the_same_place_qualifies()
    {
        await using var space = await SwiftSpace.TempAuthAsync(lab);
        var store = space.Store();
        var other = new SwiftOptions { AuthUrl = lab.Swift.AuthUrl, UserName = lab.Swift.Second.User, Password = new Secret(lab.Swift.Second.Key) };
        Assert.False(store.CanCopyFrom(space.Track(SwiftStore.Create(StoreAddress.Parse("swift://x"), "", other, new TlsOptions(), new StoreContext()))));
        Assert.False(store.CanCopyFrom(space.Store(authUrl: new Uri("http://127.0.0.1:9/auth/v1.0"))));
        Assert.True(store.CanCopyFrom(space.Store(container: "other")));
    }

    [Fact]
    public async Task Radosgw_would_copy_the_manifest_so_its_objects_are_read_through()
    {
        await using var source = await SwiftSpace.CephAsync(lab);
        await using var target = await SwiftSpace.CephAsync(lab);
        var bytes = Random(200_000);
        var from = source.Store();
        var to = target.Store();
        await from.WriteAsync("large", Streaming(bytes), Cancellation);
        await to.CopyFromAsync(from, "large", "copy", bytes.Length, Cancellation);
        await from.DeleteAsync("large", Cancellation);
        Assert.Equal(bytes, await target.GetAsync("copy"));
    }
}
