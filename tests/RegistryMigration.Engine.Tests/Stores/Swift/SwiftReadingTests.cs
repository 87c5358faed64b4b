using RegistryMigration.Engine.Stores.Swift;
using RegistryMigration.Engine.Tests.Faults;
using RegistryMigration.Engine.Tests.Lab;
using RegistryMigration.Model;
using static RegistryMigration.Engine.Tests.Stores.Swift.StoreAssertions;

namespace RegistryMigration.Engine.Tests.Stores.Swift;

public sealed class SwiftReadingTests(LabFixture lab)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Reads_from_any_offset()
    {
        await using var space = await SwiftSpace.TempAuthAsync(lab);
        await space.PutAsync("k", "0123456789");
        var store = space.Store();
        await using var reader = await store.ReadAsync("k", 4, null, Cancellation);
        Assert.Equal(10, reader.Length);
        Assert.Equal("781e5e245d69b566979b86e28d23f2c7", reader.Version);
        Assert.Equal("456789"u8.ToArray(), await store.BytesAsync("k", 4, reader.Version));
        Assert.Empty(await store.BytesAsync("k", 10, reader.Version));
    }

    [Fact]
    public async Task Large_objects_read_through_with_their_true_size()
    {
        await using var space = await SwiftSpace.TempAuthAsync(lab);
        await space.PutAsync("seg/1", "12345");
        await space.PutAsync("seg/2", "678");
        await space.PutAsync("dlo", "", ("X-Object-Manifest", space.Container + "/seg/"));
        await space.PutAsync("slo?multipart-manifest=put", $$"""[{"path":"/{{space.Container}}/seg/1"},{"path":"/{{space.Container}}/seg/2"}]""");
        var store = space.Store();
        foreach (var key in new[] { "dlo", "slo" })
        {
            var stat = await store.StatAsync(key, Cancellation);
            Assert.Equal((8, null), (stat!.Value.Size, stat.Value.Md5));
            await using var reader = await store.ReadAsync(key, 0, null, Cancellation);
            Assert.Equal(8, reader.Length);
            Assert.Equal("12345678"u8.ToArray(), await store.BytesAsync(key));
            Assert.Equal("5678"u8.ToArray(), await store.BytesAsync(key, 4, reader.Version));
        }
    }

    [Fact]
    public async Task A_large_object_without_segments_has_no_bytes()
    {
        await using var space = await SwiftSpace.TempAuthAsync(lab);
        await space.PutAsync("dlo", "", ("X-Object-Manifest", space.Container + "/gone/"));
        var store = space.Store();
        Assert.Equal(0, (await store.StatAsync("dlo", Cancellation))!.Value.Size);
        Assert.Empty(await store.BytesAsync("dlo"));
        Assert.Empty(await store.BytesAsync("dlo", 5));
    }

    [Fact]
    public async Task What_changed_between_two_reads_is_not_glued_together()
    {
        await using var space = await SwiftSpace.TempAuthAsync(lab);
        await space.PutAsync("seg/1", "12345");
        await space.PutAsync("dlo", "", ("X-Object-Manifest", space.Container + "/seg/"));
        await space.PutAsync("plain", "before");
        var store = space.Store();
        foreach (var key in new[] { "dlo", "plain" })
        {
            string version;
            await using (var reader = await store.ReadAsync(key, 0, null, Cancellation))
                version = reader.Version!;
            await space.PutAsync(key == "dlo" ? "seg/2" : key, "after");
            await ThrowsAsync(StoreErrorKind.Changed, () => store.ReadAsync(key, 2, version, Cancellation));
        }
    }

    [Fact]
    public async Task Segments_in_another_container_read_through_and_say_so_when_they_may_not_be_read()
    {
        await using var space = await SwiftSpace.TempAuthAsync(lab);
        await using var other = await SwiftSpace.TempAuthAsync(lab);
        await other.PutAsync("seg/1", "abc");
        await space.PutAsync("dlo", "", ("X-Object-Manifest", other.Container + "/seg/"));
        Assert.Equal("abc"u8.ToArray(), await space.Store().BytesAsync("dlo"));

        // A user without rights of its own, who is let into the container of the manifest and not into that of the segments.
        using (var grant = await space.SendAsync(HttpMethod.Post, "", [], ("X-Container-Read", lab.Swift.WithoutRights.User)))
            grant.EnsureSuccessStatusCode();
        await using var guest = new GuestStore(lab, space.Container);
        var failure = await Assert.ThrowsAsync<StoreException>(() => guest.Store.BytesAsync("dlo"));
        Assert.Contains(failure.Kind, new[] { StoreErrorKind.Denied, StoreErrorKind.Unauthenticated, StoreErrorKind.Integrity });
        Assert.Contains("segments may lie in a container that this user may not read", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_static_large_object_whose_segment_changed_is_broken_at_its_source()
    {
        await using var space = await SwiftSpace.TempAuthAsync(lab);
        await space.PutAsync("seg/1", "12345");
        await space.PutAsync("slo?multipart-manifest=put", $$"""[{"path":"/{{space.Container}}/seg/1"}]""");
        await space.PutAsync("seg/1", "other");
        await ThrowsAsync(StoreErrorKind.Integrity, () => space.Store().BytesAsync("slo"));
    }

    [Fact]
    public async Task What_is_not_there_is_null_or_an_error()
    {
        await using var space = await SwiftSpace.TempAuthAsync(lab);
        Assert.Null(await space.Store().StatAsync("nothing", Cancellation));
        var failure = await ThrowsAsync(StoreErrorKind.NotFound, () => space.Store().BytesAsync("nothing"));
        Assert.Equal("nothing", failure.Key);
    }

    [Fact]
    public async Task A_body_that_stands_still_is_cut_and_one_that_is_reset_is_a_store_error()
    {
        await using var space = await SwiftSpace.TempAuthAsync(lab);
        await space.PutAsync("k", Random(300_000));
        await using var proxy = FaultProxy.Start(lab.Swift.AuthUrl);
        proxy.Rules.Add(new FaultRule { Target = IsObject, Fault = Fault.StallResponse(100_000) });
        proxy.Rules.Add(new FaultRule { Target = IsObject, Fault = Fault.ResetResponse(100_000) });
        proxy.Rules.Add(new FaultRule { Target = IsObject, Fault = Fault.CutResponse(100_000) });
        proxy.Rules.Add(new FaultRule { Target = IsObject, Fault = Fault.Stall() });
        var store = space.Store(authUrl: proxy.Uri, stall: TimeSpan.FromSeconds(1));
        await ThrowsAsync(StoreErrorKind.Stalled, () => store.BytesAsync("k"));
        await ThrowsAsync(StoreErrorKind.Transient, () => store.BytesAsync("k"));
        await ThrowsAsync(StoreErrorKind.Transient, () => store.BytesAsync("k"));
        await ThrowsAsync(StoreErrorKind.Stalled, () => store.BytesAsync("k"));
        Assert.Equal(300_000, (await store.BytesAsync("k")).Length);
    }

    private static bool IsObject(string target) => target.EndsWith("/k", StringComparison.Ordinal);

    private sealed class GuestStore(LabFixture lab, string container) : IAsyncDisposable
    {
        public SwiftStore Store { get; } = SwiftStore.Create(
            StoreAddress.InContainer(StoreKind.Swift, container), "",
            new SwiftOptions { AuthUrl = lab.Swift.AuthUrl, UserName = lab.Swift.WithoutRights.User, Password = new Secret(lab.Swift.WithoutRights.Key) },
            new TlsOptions(), SwiftSpace.Context());

        public ValueTask DisposeAsync() => Store.DisposeAsync();
    }
}
