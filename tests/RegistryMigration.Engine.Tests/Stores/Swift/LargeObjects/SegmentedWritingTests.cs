using System.Text.RegularExpressions;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Engine.Tests.Faults;
using RegistryMigration.Engine.Tests.Lab;
using RegistryMigration.Model;
using static RegistryMigration.Engine.Tests.Stores.Swift.StoreAssertions;

namespace RegistryMigration.Engine.Tests.Stores.Swift.LargeObjects;

public sealed class SegmentedWritingTests(LabFixture lab)
{
    private const int Segment = 64 * 1024;
    private const string Root = "files/docker/registry/v2/";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Writes_what_the_registrys_driver_writes()
    {
        await using var space = await SwiftSpace.TempAuthAsync(lab);
        var bytes = Random((5 * Segment) + 7);
        var store = space.Store("pre", Root);
        Assert.Equal(WriteOutcome.Written, await store.WriteAsync("blobs/data", Streaming(bytes), Cancellation));

        Assert.Equal(bytes, await space.GetAsync("pre/" + Root + "blobs/data"));
        var manifest = await space.HeaderAsync("pre/" + Root + "blobs/data", "X-Object-Manifest");
        Assert.Matches($"^{space.Container}/pre/segments/[0-9a-f]{{3}}/[0-9a-f]{{61}}$", manifest);
        var path = manifest![(space.Container.Length + 1)..];
        Assert.Equal(Enumerable.Range(1, 6).Select(number => FormattableString.Invariant($"{path}/{number:D16}")), await space.NamesAsync("pre/segments/"));
        Assert.Equal("7", await space.HeaderAsync(path + "/0000000000000006", "Content-Length"));
        Assert.Equal((bytes.Length, null), ((await store.StatAsync("blobs/data", Cancellation))!.Value.Size, (await store.StatAsync("blobs/data", Cancellation))!.Value.Md5));
        Assert.Equal(StoreEntry.UnknownSize, Assert.Single(await store.AllAsync()).Size);
    }

    [Theory]
    [InlineData(Segment, 0)]
    [InlineData(Segment + 1, 2)]
    [InlineData(2 * Segment, 2)]
    public async Task Only_what_is_larger_than_a_segment_is_split(int length, int segments)
    {
        await using var space = await SwiftSpace.TempAuthAsync(lab);
        await space.Store().WriteAsync("k", Streaming(Random(length)), Cancellation);
        Assert.Equal(segments, (await space.NamesAsync("segments/")).Length);
    }

    [Fact]
    public async Task A_failed_digest_leaves_nothing_behind()
    {
        await using var space = await SwiftSpace.TempAuthAsync(lab);
        var failure = new StoreException(StoreErrorKind.Integrity, "the digest is another") { Party = Party.Source };
        var thrown = await Assert.ThrowsAsync<StoreException>(() => space.Store().WriteAsync("k", Failing(Random(5 * Segment), (5 * Segment) - 1, failure), Cancellation));
        Assert.Same(failure, thrown);
        Assert.Empty(await space.NamesAsync());
    }

    [Fact]
    public async Task A_write_that_was_cut_is_resumed_without_sending_segments_again()
    {
        await using var space = await SwiftSpace.TempAuthAsync(lab);
        var bytes = Random(8 * Segment);
        var cut = new StoreException(StoreErrorKind.Transient, "reset");
        await Assert.ThrowsAsync<StoreException>(() => space.Store().WriteAsync("k", Failing(bytes, 6 * Segment, cut), Cancellation));
        Assert.False(await space.ExistsAsync("k"));
        Assert.Equal(6, (await space.NamesAsync("segments/")).Length);

        var store = space.Store();
        Assert.Equal(WriteOutcome.Written, await store.WriteAsync("k", Streaming(bytes), Cancellation));
        Assert.Equal(2 * Segment, store.Traffic.BytesWritten);
        Assert.Equal(bytes, await space.GetAsync("k"));
    }

    [Fact]
    public async Task A_damaged_segment_of_an_earlier_run_is_sent_again()
    {
        await using var space = await SwiftSpace.TempAuthAsync(lab);
        var bytes = Random(4 * Segment);
        await Assert.ThrowsAsync<StoreException>(() => space.Store().WriteAsync("k", Failing(bytes, 3 * Segment, new StoreException(StoreErrorKind.Transient, "reset")), Cancellation));
        var damaged = (await space.NamesAsync("segments/"))[0];
        await space.PutAsync(damaged, Random(Segment));
        await space.Store().WriteAsync("k", Streaming(bytes), Cancellation);
        Assert.Equal(bytes, await space.GetAsync("k"));
    }

    [Fact]
    public async Task A_segment_that_fails_is_sent_again_by_itself()
    {
        await using var space = await SwiftSpace.TempAuthAsync(lab);
        await using var proxy = FaultProxy.Start(lab.Swift.AuthUrl);
        proxy.Rules.Add(new FaultRule { Target = target => target.EndsWith("0002", StringComparison.Ordinal), Times = 2, Fault = Fault.Answer(503) });
        proxy.Rules.Add(new FaultRule { Target = target => target.EndsWith("0003", StringComparison.Ordinal), Fault = Fault.Reset(1000) });
        proxy.Rules.Add(new FaultRule { Target = target => target.EndsWith("0004", StringComparison.Ordinal), Fault = Fault.Answer(422) });
        var bytes = Random(5 * Segment);
        var store = space.Store(authUrl: proxy.Uri);
        await store.WriteAsync("k", Streaming(bytes), Cancellation);
        Assert.Equal(bytes, await space.GetAsync("k"));
        Assert.Equal(4, store.Traffic.Retries);
    }

    [Fact]
    public async Task A_segment_that_fails_for_good_ends_the_write_with_its_failure()
    {
        await using var space = await SwiftSpace.TempAuthAsync(lab);
        await using var proxy = FaultProxy.Start(lab.Swift.AuthUrl);
        proxy.Rules.Add(new FaultRule { Target = target => target.EndsWith("0003", StringComparison.Ordinal), Times = 99, Fault = Fault.Answer(507) });
        await ThrowsAsync(StoreErrorKind.Full, () => space.Store(authUrl: proxy.Uri).WriteAsync("k", Streaming(Random(20 * Segment)), Cancellation));
        Assert.False(await space.ExistsAsync("k"));
    }

    [Fact]
    public async Task Replacing_a_large_object_takes_its_old_segments_away()
    {
        await using var space = await SwiftSpace.TempAuthAsync(lab);
        var store = space.Store();
        await store.WriteAsync("k", Streaming(Random(5 * Segment)), Cancellation);
        var second = Random(3 * Segment);
        await store.WriteAsync("k", Streaming(second), Cancellation);
        Assert.Equal(second, await space.GetAsync("k"));
        Assert.Equal(3, (await space.NamesAsync("segments/")).Length);
    }

    [Fact]
    public async Task Writing_the_same_again_never_touches_the_segments_in_use()
    {
        await using var space = await SwiftSpace.TempAuthAsync(lab);
        var bytes = Random(3 * Segment);
        var store = space.Store();
        await store.WriteAsync("k", Streaming(bytes), Cancellation);
        var failure = new StoreException(StoreErrorKind.Integrity, "the digest is another");
        var wrong = new StoreContent(bytes.Length, _ => throw failure) { Sha256 = Digest.OfSha256(bytes) };
        await Assert.ThrowsAsync<StoreException>(() => store.WriteAsync("k", wrong, Cancellation));
        Assert.Equal(bytes, await space.GetAsync("k"));

        await store.WriteAsync("k", Streaming(bytes), Cancellation);
        await store.WriteAsync("k", Streaming(bytes), Cancellation);
        Assert.Equal(bytes, await space.GetAsync("k"));
        Assert.Equal(3, (await space.NamesAsync("segments/")).Length);
    }

    [Fact]
    public async Task Two_runs_at_once_write_one_good_object()
    {
        await using var space = await SwiftSpace.TempAuthAsync(lab);
        var bytes = Random(10 * Segment);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 3).Select(i => space.Store().WriteAsync("k", Streaming(bytes, ifAbsent: i > 0), Cancellation)));
        Assert.Contains(WriteOutcome.Written, outcomes);
        Assert.Equal(bytes, await space.GetAsync("k"));
        Assert.Equal(10, (await space.NamesAsync("segments/")).Length);
    }

    [Fact]
    public async Task Content_without_a_digest_is_written_to_a_place_of_its_own_and_cleaned_after_a_failure()
    {
        await using var space = await SwiftSpace.TempAuthAsync(lab);
        var bytes = Random(3 * Segment);
        await space.Store().WriteAsync("k", new StoreContent(bytes), Cancellation);
        Assert.Equal(bytes, await space.GetAsync("k"));
        var failing = new StoreContent(bytes.Length, _ => new ValueTask<Stream>(new MemoryStream(bytes, 0, 2 * Segment)));
        await ThrowsAsync(StoreErrorKind.Integrity, () => space.Store().WriteAsync("l", failing, Cancellation));
        Assert.Equal(3, (await space.NamesAsync("segments/")).Length);
    }

    [Fact]
    public async Task Nothing_is_published_while_the_listing_lacks_a_segment()
    {
        await using var space = await SwiftSpace.TempAuthAsync(lab);
        await using var proxy = FaultProxy.Start(lab.Swift.AuthUrl);
        var lag = new Regex("""\{[^{}]*0000000000000002[^{}]*\}, """);
        proxy.Rules.Add(new FaultRule { Target = target => target.Contains("prefix=segments", StringComparison.Ordinal), Times = 4, Fault = Fault.Rewrite(json => lag.Replace(json, "")) });
        var bytes = Random(3 * Segment);
        await space.Store(authUrl: proxy.Uri).WriteAsync("k", Streaming(bytes), Cancellation);
        Assert.Equal(bytes, await space.GetAsync("k"));
        var puts = proxy.Requests.Select((request, at) => (request, at)).Where(each => each.request.Method == "PUT").Select(each => each.at).ToArray();
        Assert.True(proxy.Requests.Count(request => request.Target.Contains("prefix=segments", StringComparison.Ordinal)) >= 5);
        Assert.Equal(proxy.Requests.Count - 1, puts[^1]);
    }

    [Fact]
    public async Task Segments_obey_the_servers_limit()
    {
        await lab.RequireAsync("swift");
        await using var own = await lab.StartOwnLabAsync(new Dictionary<string, string> { ["SWIFT_MAX_FILE_SIZE"] = "100000" }, "swift");
        await using var space = await SwiftSpace.CreateAsync(SwiftSpace.Options(own.Swift));
        var bytes = Random(350_000);
        await space.Store(segmentSize: 20 << 20).WriteAsync("k", Streaming(bytes), Cancellation);
        Assert.Equal(bytes, await space.GetAsync("k"));
        Assert.Equal(4, (await space.NamesAsync("segments/")).Length);
        using var tooLarge = await space.SendAsync(HttpMethod.Put, "x", bytes);
        Assert.Equal(413, (int)tooLarge.StatusCode);
    }
}
