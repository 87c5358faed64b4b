using FsCheck;
using FsCheck.Fluent;
using RegistryMigration.Engine.Listing;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Listing;

public sealed class MergeJoinTests
{
    // Keys that differ just where flat and walked orders do, and where UTF-16 and UTF-8 do.
    private static readonly Gen<string> Keys = Gen.Elements("a", "a-b", "a/b", "a.b", "a0", "b", "\uE000", "\U0001F4A9", "é", "z")
        .ListOf(3).Select(parts => string.Join('/', parts));

    [Fact]
    public void It_finds_what_a_naive_set_difference_finds()
    {
        var property = Prop.ForAll(Keys.ListOf().ToArbitrary(), Keys.ListOf().ToArbitrary(), Gen.Choose(1, 5).ToArbitrary(), (left, right, pageSize) =>
        {
            var source = new SortedSet<string>(left, KeyOrder.Instance);
            var target = new SortedSet<string>(right, KeyOrder.Instance);
            var joined = JoinAsync(source, target, pageSize).ToBlockingEnumerable(TestContext.Current.CancellationToken).ToList();
            return joined.Where(j => j.InSource && !j.InTarget).Select(j => j.Key).SequenceEqual(source.Except(target))
                   && joined.Where(j => !j.InSource).Select(j => j.Key).SequenceEqual(target.Except(source))
                   && joined.Where(j => j.InSource && j.InTarget).Select(j => j.Key).SequenceEqual(source.Intersect(target))
                   && joined.Count == source.Union(target).Count();
        });
        property.QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_listing_out_of_order_is_refused()
    {
        var failure = Assert.Throws<StoreException>(() => OrderGuard.Check([new StoreEntry("b", 1), new StoreEntry("a", 1)], null, "store"));
        Assert.Equal(StoreErrorKind.BrokenListing, failure.Kind);
    }

    [Fact]
    public void A_listing_that_repeats_a_page_is_refused()
    {
        var last = OrderGuard.Check([new StoreEntry("a", 1), new StoreEntry("b", 1)], null, "store");
        Assert.Throws<StoreException>(() => OrderGuard.Check([new StoreEntry("b", 1)], last, "store"));
    }

    [Fact]
    public async Task Both_sides_are_asked_at_the_same_time()
    {
        var asked = new TaskCompletionSource();
        await foreach (var batch in MergeJoin.RunAsync(WaitAsync(), AskAsync(), TestContext.Current.CancellationToken))
            Assert.Equal(1, batch.Length);

        async IAsyncEnumerable<ReadOnlyMemory<StoreEntry>> WaitAsync()
        {
            await asked.Task.WaitAsync(TimeSpan.FromSeconds(30));
            yield return new StoreEntry[] { new("a", 1) };
        }

        async IAsyncEnumerable<ReadOnlyMemory<StoreEntry>> AskAsync()
        {
            asked.SetResult();
            await Task.Yield();
            yield return new StoreEntry[] { new("a", 1) };
        }
    }

    [Fact]
    public async Task A_side_that_fails_leaves_the_other_no_page_in_the_making()
    {
        var hasEnded = false;
        var failure = await Assert.ThrowsAsync<StoreException>(async () =>
        {
            await foreach (var _ in MergeJoin.RunAsync(FailAsync(), TakeTimeAsync(), TestContext.Current.CancellationToken))
                Assert.Fail("Nothing can be joined.");
        });
        Assert.Equal(StoreErrorKind.Denied, failure.Kind);
        Assert.True(hasEnded);

        static async IAsyncEnumerable<ReadOnlyMemory<StoreEntry>> FailAsync()
        {
            await Task.Yield();
            if (KeyOrder.Instance is not null)
                throw new StoreException(StoreErrorKind.Denied, "refused");
            yield break;
        }

        async IAsyncEnumerable<ReadOnlyMemory<StoreEntry>> TakeTimeAsync()
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), TestContext.Current.CancellationToken);
            hasEnded = true;
            yield return new StoreEntry[] { new("a", 1) };
        }
    }

    private static async IAsyncEnumerable<JoinedEntry> JoinAsync(IEnumerable<string> source, IEnumerable<string> target, int pageSize)
    {
        await foreach (var batch in MergeJoin.RunAsync(Pages(source, pageSize), Pages(target, pageSize), TestContext.Current.CancellationToken))
        {
            foreach (var joined in batch.ToArray())
                yield return joined;
        }
    }

    private static async IAsyncEnumerable<ReadOnlyMemory<StoreEntry>> Pages(IEnumerable<string> keys, int pageSize)
    {
        await Task.Yield();
        foreach (var page in keys.Chunk(pageSize))
            yield return page.Select(key => new StoreEntry(key, 1)).ToArray();
    }
}
