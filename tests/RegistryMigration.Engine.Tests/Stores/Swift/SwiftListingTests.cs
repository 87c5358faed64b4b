using System.Globalization;
using FsCheck.Fluent;
using RegistryMigration.Engine.Tests.Faults;
using RegistryMigration.Engine.Tests.Lab;
using RegistryMigration.Model;
using static RegistryMigration.Engine.Tests.Stores.Swift.StoreAssertions;

namespace RegistryMigration.Engine.Tests.Stores.Swift;

public sealed class SwiftListingTests(LabFixture lab)
{
    private static readonly string[] OddKeys =
    [
        "a-b", "a/b", "a.b", "a", "a/", "A", "ä", "z", "é/ü", "\ue000x", "\U00010000x", "\uffee", "a b", "a%2Fb", "a+b", "a?b", "a#b", "a&b=c", "a\"b", "a\\b", "a\tb", "x/./y", "x/../y", "x//y",
        "_uploads/x", "日本語/キー", "~", "0", "'",
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pages_until_a_page_is_empty_and_cuts_the_root_off()
    {
        await using var space = await SwiftSpace.TempAuthAsync(lab);
        var keys = Enumerable.Range(0, 25).Select(i => i.ToString("d3", CultureInfo.InvariantCulture)).ToArray();
        foreach (var key in keys)
            await space.PutAsync("pre/files/" + key, key);
        await space.PutAsync("pre/other", "x");
        await space.PutAsync("zzz", "x");

        var store = space.Store("pre", "files/", pageSize: 10);
        var entries = await store.AllAsync();

        Assert.Equal(keys, entries.Select(entry => entry.Key));
        Assert.All(entries, entry => Assert.Equal(3, entry.Size));
        // One for the token, three pages, and the empty one that ends it.
        Assert.Equal(1 + 3 + 1, store.Traffic.Requests);
        Assert.Equal(["010", "011"], (await store.AllAsync("01")).Take(2).Select(entry => entry.Key));
    }

    [Fact]
    public async Task Lists_what_a_listing_can_know_of_size_and_MD5()
    {
        await using var space = await SwiftSpace.TempAuthAsync(lab);
        await space.PutAsync("plain", "hello");
        await space.PutAsync("empty", "");
        await space.PutAsync("seg/1", "12345");
        await space.PutAsync("seg/2", "678");
        await space.PutAsync("dlo", "", ("X-Object-Manifest", space.Container + "/seg/"));
        await space.PutAsync("slo?multipart-manifest=put", $$"""[{"path":"/{{space.Container}}/seg/1"},{"path":"/{{space.Container}}/seg/2"}]""");

        var entries = (await space.Store().AllAsync()).ToDictionary(entry => entry.Key);

        Assert.Equal(5, entries["plain"].Size);
        Assert.Equal("5d41402abc4b2a76b9719d911017c592", entries["plain"].Md5);
        Assert.InRange(entries["plain"].LastModified!.Value, DateTimeOffset.UnixEpoch.AddYears(50), TimeProvider.System.GetUtcNow().AddMinutes(1));
        Assert.Equal((StoreEntry.UnknownSize, null), (entries["empty"].Size, entries["empty"].Md5));
        Assert.Equal((StoreEntry.UnknownSize, null), (entries["dlo"].Size, entries["dlo"].Md5));
        Assert.Equal((8, null), (entries["slo"].Size, entries["slo"].Md5));
    }

    [Fact]
    public async Task Odd_names_come_in_the_order_of_their_UTF8_bytes_and_can_be_read_and_deleted()
    {
        await using var space = await SwiftSpace.TempAuthAsync(lab);
        var store = space.Store("p", pageSize: 5);
        foreach (var key in OddKeys)
            await store.PutAsync(key, key);

        var listed = (await store.AllAsync()).Select(entry => entry.Key).ToArray();

        Assert.Equal(OddKeys.Order(KeyOrder.Instance), listed);
        foreach (var key in OddKeys)
        {
            Assert.Equal(key, System.Text.Encoding.UTF8.GetString(await store.BytesAsync(key)));
            await store.DeleteAsync(key, Cancellation);
        }

        Assert.Empty(await store.AllAsync());
    }

    [Fact]
    public async Task Any_set_of_names_is_listed_in_our_order()
    {
        await using var space = await SwiftSpace.TempAuthAsync(lab);
        var text = Gen.Elements("a", "b", "/", "-", ".", "0", "_", "é", "\ue000", "\U0001F600", "\uff5e").NonEmptyListOf().Select(parts => "k" + string.Concat(parts.Take(6)));
        var round = 0;
        foreach (var keys in text.ListOf(12).Sample(8))
        {
            var store = space.Store(FormattableString.Invariant($"round{round++}"), pageSize: 3);
            await Task.WhenAll(keys.Distinct().Select(key => store.PutAsync(key, "x")));
            Assert.Equal(keys.Distinct().Order(KeyOrder.Instance), (await store.AllAsync()).Select(entry => entry.Key));
        }
    }

    [Fact]
    public async Task Prefixes_are_the_next_level()
    {
        await using var space = await SwiftSpace.TempAuthAsync(lab);
        foreach (var name in new[] { "r/a/x", "r/a/y", "r/b-c/x", "r/b/x", "r/c", "r/d/e/f", "s/t" })
            await space.PutAsync(name, "x");

        Assert.Equal(["a/", "b-c/", "b/", "d/"], await space.Store("r", pageSize: 2).ListPrefixesAsync("", Cancellation));
        Assert.Equal(["d/e/"], await space.Store("r").ListPrefixesAsync("d/", Cancellation));
        Assert.Empty(await space.Store("r").ListPrefixesAsync("none/", Cancellation));
    }

    [Fact]
    public async Task A_missing_container_is_named_with_the_next_step()
    {
        await using var space = await SwiftSpace.TempAuthAsync(lab);
        var failure = await ThrowsAsync(StoreErrorKind.NotFound, () => space.Store(container: "nowhere").AllAsync());
        Assert.Contains("'nowhere'", failure.Message, StringComparison.Ordinal);
        Assert.Contains("Initialize-RegistryStore", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""[{"name":"b","bytes":1,"hash":null},{"name":"a","bytes":1}]""")]
    [InlineData("""[{"name":"b","bytes":1},{"name":"b","bytes":1}]""")]
    [InlineData("""{"not":"a listing"}""")]
    [InlineData("""[{"name":"b","bytes":1},{"na""")]
    [InlineData("""[{"name":7,"bytes":1}]""")]
    public async Task A_listing_out_of_order_or_cut_is_refused(string page)
    {
        await using var space = await SwiftSpace.TempAuthAsync(lab);
        await using var proxy = FaultProxy.Start(lab.Swift.AuthUrl);
        proxy.Rules.Add(new FaultRule { Target = IsListing, Fault = Fault.Answer(200, page), Times = 9 });
        await ThrowsAsync(StoreErrorKind.BrokenListing, () => space.Store(authUrl: proxy.Uri).AllAsync());
    }

    [Fact]
    public async Task A_page_that_repeats_is_refused()
    {
        await using var space = await SwiftSpace.TempAuthAsync(lab);
        await using var proxy = FaultProxy.Start(lab.Swift.AuthUrl);
        proxy.Rules.Add(new FaultRule { Target = IsListing, Fault = Fault.Answer(200, """[{"name":"a","bytes":1}]"""), Times = 9 });
        await ThrowsAsync(StoreErrorKind.BrokenListing, () => space.Store(authUrl: proxy.Uri).AllAsync());
    }

    [Fact]
    public async Task A_page_that_fails_is_asked_for_again_and_in_the_end_fails_the_listing()
    {
        await using var space = await SwiftSpace.TempAuthAsync(lab);
        for (var i = 0; i < 9; i++)
            await space.PutAsync(FormattableString.Invariant($"k{i}"), "x");
        await using var proxy = FaultProxy.Start(lab.Swift.AuthUrl);
        proxy.Rules.Add(new FaultRule { Target = IsListing, Skip = 2, Times = 2, Fault = Fault.Answer(503) });

        var store = space.Store(authUrl: proxy.Uri, pageSize: 3);
        Assert.Equal(9, (await store.AllAsync()).Count);
        Assert.Equal((2, 2), (store.Traffic.Retries, store.Traffic.Throttled));

        proxy.Rules.Clear();
        proxy.Rules.Add(new FaultRule { Target = IsListing, Skip = 2, Times = 100, Fault = Fault.Answer(500) });
        await ThrowsAsync(StoreErrorKind.Transient, () => space.Store(authUrl: proxy.Uri, pageSize: 3).AllAsync());
    }

    [Theory]
    [InlineData("reset")]
    [InlineData("stall")]
    public async Task A_page_that_breaks_off_is_asked_for_again(string how)
    {
        await using var space = await SwiftSpace.TempAuthAsync(lab);
        for (var i = 0; i < 9; i++)
            await space.PutAsync(FormattableString.Invariant($"k{i}"), "x");
        await using var proxy = FaultProxy.Start(lab.Swift.AuthUrl);
        proxy.Rules.Add(new FaultRule { Target = IsListing, Fault = how == "reset" ? Fault.ResetResponse(100) : Fault.StallResponse(100) });

        var store = space.Store(authUrl: proxy.Uri, stall: TimeSpan.FromSeconds(1));
        Assert.Equal(9, (await store.AllAsync()).Count);
        Assert.Equal(1, store.Traffic.Retries);
    }

    private static bool IsListing(string target) => target.Contains("format=json", StringComparison.Ordinal);
}
