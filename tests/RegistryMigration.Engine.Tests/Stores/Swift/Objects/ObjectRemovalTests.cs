using RegistryMigration.Engine.Tests.Lab;
using static RegistryMigration.Engine.Tests.Stores.Swift.StoreAssertions;

namespace RegistryMigration.Engine.Tests.Stores.Swift.Objects;

public sealed class ObjectRemovalTests(LabFixture lab)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Deletes_plain_and_large_objects_whole_and_does_not_mind_their_absence()
    {
        await using var space = await SwiftSpace.TempAuthAsync(lab);
        var store = space.Store();
        await store.PutAsync("plain", "x");
        await store.WriteAsync("dlo", Streaming(Random(200_000)), Cancellation);
        await space.PutAsync("parts/1", "12345");
        await space.PutAsync("slo?multipart-manifest=put", $$"""[{"path":"/{{space.Container}}/parts/1"}]""");
        Assert.Equal(4 + 4, (await space.NamesAsync()).Length);

        foreach (var key in new[] { "plain", "dlo", "slo", "slo", "never-there" })
            await store.DeleteAsync(key, Cancellation);
        Assert.Empty(await space.NamesAsync());
    }

    [Fact]
    public async Task A_manifest_that_names_ordinary_objects_does_not_take_them_along()
    {
        await using var space = await SwiftSpace.TempAuthAsync(lab);
        await using var other = await SwiftSpace.TempAuthAsync(lab);
        await space.PutAsync("files/a", "x");
        await other.PutAsync("segments/abc/0123456789abcdef0123/1", "x");
        await space.PutAsync("dlo1", "", ("X-Object-Manifest", space.Container + "/files/"));
        await space.PutAsync("dlo2", "", ("X-Object-Manifest", other.Container + "/segments/abc/0123456789abcdef0123"));
        var store = space.Store();
        await store.DeleteAsync("dlo1", Cancellation);
        await store.DeleteAsync("dlo2", Cancellation);
        Assert.Equal(["files/a"], await space.NamesAsync());
        Assert.Single(await other.NamesAsync());
    }
}
