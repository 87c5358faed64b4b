using RegistryMigration.Engine.Stores;
using RegistryMigration.Engine.Tests.Lab;
using RegistryMigration.Engine.Tests.Support;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Stores.Swift;

public sealed class StorePreparationTests(LabFixture lab)
{
    private static readonly Dictionary<string, string> Ours = new() { ["Openshiftclusterid"] = "lab-x7", ["Name"] = "größe" };
    private static readonly Dictionary<string, string> Theirs = new() { ["Openshiftclusterid"] = "other-y8", ["Name"] = "größe" };
    private static readonly Dictionary<string, string> Quota = new() { ["Quota-Bytes"] = "1000" };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static StoreContext Context => StoreContext.Create(TimeProvider.System);

    [Fact]
    public async Task A_container_is_taken_when_empty_or_marked_and_never_from_others()
    {
        await using var space = await SwiftSpace.TempAuthAsync(lab);
        var store = space.Store();
        Assert.Equal(StoreOccupancy.Empty, await StorePreparation.LookAsync(store, Ours, Context, Cancellation));
        await StorePreparation.PrepareAsync(store, Ours, Context, Cancellation);
        await space.PutAsync("files/x", "12345");
        Assert.Equal(StoreOccupancy.Ours, await StorePreparation.LookAsync(store, Ours, Context, Cancellation));
        Assert.False(await StorePreparation.PrepareAsync(store, Ours, Context, Cancellation));
        Assert.Equal(StoreOccupancy.Foreign, await StorePreparation.LookAsync(store, Theirs, Context, Cancellation));
        var failure = await Assert.ThrowsAsync<StoreException>(() => StorePreparation.PrepareAsync(store, Theirs, Context, Cancellation));
        Assert.Equal(StoreErrorKind.Conflict, failure.Kind);
        Assert.Contains("other-y8", failure.Message, StringComparison.Ordinal);
        Assert.Equal(StoreOccupancy.Ours, await StorePreparation.LookAsync(store, Ours, Context, Cancellation));
    }

    [Fact]
    public async Task A_description_has_marks_limits_and_what_a_quota_leaves()
    {
        await using var space = await SwiftSpace.TempAuthAsync(lab);
        var store = space.Store();
        await store.InitializeAsync(Ours, Cancellation);
        var inspection = Assert.IsAssignableFrom<IStoreInspection>(store);
        var open = await inspection.DescribeAsync(Cancellation);
        Assert.Null(open!.Room);
        Assert.Equal("größe", open.Metadata["name"]);
        Assert.True(open.MaxObjectSize > 1 << 20);
        await store.InitializeAsync(Quota, Cancellation);
        Assert.Equal(1000, (await inspection.DescribeAsync(Cancellation))!.Room);
    }

    [Fact]
    public async Task A_store_without_metadata_is_prepared_as_ever()
    {
        var store = new MemoryStore();
        Assert.Equal(StoreOccupancy.Empty, await StorePreparation.LookAsync(store, Ours, Context, Cancellation));
        await store.WriteAsync("x", new StoreContent(new byte[1]), Cancellation);
        Assert.Equal(StoreOccupancy.Ours, await StorePreparation.LookAsync(store, Ours, Context, Cancellation));
    }
}
