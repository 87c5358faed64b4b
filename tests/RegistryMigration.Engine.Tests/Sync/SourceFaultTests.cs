using System.Text;
using RegistryMigration.Engine.Layouts;
using RegistryMigration.Engine.Sync;
using RegistryMigration.Engine.Tests.Support;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Sync;

/// <summary>What is broken or changes at the source is named as the source's, and nothing wrong reaches the target.</summary>
public sealed class SourceFaultTests
{
    private static readonly RetryOptions Quick = new() { BaseDelay = TimeSpan.FromMilliseconds(1), Attempts = 3 };

    private readonly TestRegistry _source = new(new MemoryStore { Name = "source" });
    private readonly MemoryStore _target = new() { Name = "target" };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(100)]
    [InlineData(300_000)]
    public async Task A_blob_with_wrong_bytes_is_reported_and_never_written(int size)
    {
        var image = _source.Image("app", "v1", "good", new string('x', size));
        var key = DistributionLayout.Instance.BlobKey(Digest.OfSha256(Encoding.UTF8.GetBytes(new string('x', size))));
        _source.Store.Put(key, Encoding.UTF8.GetBytes(new string('y', size)));
        var result = await RunAsync();
        Assert.Equal(SyncStatus.CompletedWithDefects, result.Status);
        var defect = Assert.Single(result.Defects);
        Assert.Equal((DefectKind.WrongDigest, DefectOrigin.BrokenAtSource, key), (defect.Kind, defect.Origin, defect.Key));
        Assert.Null(_target.Get(key));
        Assert.NotNull(_target.Get(DistributionLayout.Instance.BlobKey(image)));
        Assert.Equal(_source.Store.Keys.Count - 1, _target.Keys.Count);
    }

    [Fact]
    public async Task A_read_that_breaks_goes_on_where_it_stopped()
    {
        _source.Image("app", "v1", new string('x', 1_000_000));
        var breaks = 0;
        var offsets = new List<long>();
        _source.Store.OnRead = (_, offset) =>
        {
            lock (offsets)
                offsets.Add(offset);
            return Task.CompletedTask;
        };
        _source.Store.OnStream = (_, stream) => stream.Length - stream.Position > 500_000 && Interlocked.Increment(ref breaks) <= 2 ? new BreakingStream(stream, 200_000) : stream;
        var result = await RunAsync();
        Assert.Equal(SyncStatus.Completed, result.Status);
        Assert.Contains(offsets, offset => offset > 0);
        Assert.Equal(_source.Store.Keys, _target.Keys);
    }

    [Fact]
    public async Task An_answer_that_always_ends_early_is_the_sources_failure_and_holds_back_the_tag()
    {
        _source.Image("app", "v1", new string('x', 1_000_000));
        _source.Store.OnStream = (_, stream) => stream.Length >= 999_000 ? new EndingStream(stream, stream.Length >= 1_000_000 ? 1000 : 0) : stream;
        var result = await RunAsync();
        Assert.Equal(SyncStatus.Failed, result.Status);
        Assert.All(result.Failures, failure => Assert.Equal((Party.Source, StoreErrorKind.Transient), (failure.Party, failure.Kind)));
        Assert.DoesNotContain(_target.Keys, key => key.Contains("/tags/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_source_that_stalls_is_cut_and_read_again()
    {
        _source.Image("app", "v1", new string('x', 300_000));
        var stalls = 0;
        _source.Store.OnStream = (_, stream) => stream.Length > 200_000 && Interlocked.CompareExchange(ref stalls, 1, 0) == 0 ? new StallingStream(stream) : stream;
        var result = await RunAsync(new SyncOptions { Retry = Quick, StallTimeout = TimeSpan.FromMilliseconds(200) });
        Assert.Equal(SyncStatus.Completed, result.Status);
        Assert.Equal(1, stalls);
        Assert.Equal(_source.Store.Keys, _target.Keys);
    }

    [Fact]
    public async Task A_blob_deleted_while_it_is_copied_is_counted_and_stops_nothing()
    {
        _source.Image("app", "v1", "one", "two");
        var gone = DistributionLayout.Instance.BlobKey(Digest.OfSha256("two"u8));
        _source.Store.OnRead = (key, _) =>
        {
            if (key == gone)
                _source.Store.Remove(key);
            return Task.CompletedTask;
        };
        var result = await RunAsync();
        Assert.Equal(SyncStatus.Completed, result.Status);
        Assert.Equal(1, result.Vanished);
    }

    [Fact]
    public async Task A_link_that_says_something_else_is_reported_and_copied_as_it_is()
    {
        _source.Image("app", "v1", "one");
        var one = Digest.OfSha256("one"u8);
        var other = Digest.OfSha256("other"u8);
        _source.Link(DistributionLayout.LayerLinkKey("app", one), other);
        _source.Store.Put(DistributionLayout.TagCurrentLinkKey("app", "odd"), "garbage"u8.ToArray());
        var result = await RunAsync();
        Assert.Equal(SyncStatus.CompletedWithDefects, result.Status);
        Assert.Equal([DefectKind.BrokenLink, DefectKind.ForeignLink], result.Defects.Select(defect => defect.Kind).OrderBy(kind => kind.ToString(), StringComparer.Ordinal));
        Assert.Equal(other.ToString(), Encoding.ASCII.GetString(_target.Get(DistributionLayout.LayerLinkKey("app", one))!));
    }

    [Fact]
    public async Task An_image_pushed_between_the_listings_waits_for_the_next_pass()
    {
        _source.Image("app", "v1", "one");
        var pushed = false;
        _source.Store.WrittenAt = TimeProvider.System.GetUtcNow();
        _source.Store.OnList = (prefix, _) =>
        {
            // The blobs have been listed by then, the links not yet.
            if (prefix == "blobs/sha512/" && !pushed)
            {
                pushed = true;
                _source.Image("app", "v2", "late");
            }

            return Task.CompletedTask;
        };
        var first = await RunAsync();
        Assert.Equal(SyncStatus.Completed, first.Status);
        Assert.True(first.Deferred > 0);
        Assert.Null(_target.Get(DistributionLayout.TagCurrentLinkKey("app", "v2")));
        Assert.NotNull(_target.Get(DistributionLayout.TagCurrentLinkKey("app", "v1")));

        var second = await RunAsync();
        Assert.Equal(0, second.Deferred);
        Assert.Equal(_source.Store.Keys, _target.Keys);
    }

    [Fact]
    public async Task Many_blobs_that_the_source_does_not_give_hold_back_no_other_image()
    {
        var image = _source.Image("app", "v1", "one");
        await RunAsync();
        var unreadable = Enumerable.Range(0, 60).Select(i => DistributionLayout.Instance.BlobKey(_source.Blob($"unreadable {i}"))).ToHashSet();
        _source.Store.OnRead = (key, _) => unreadable.Contains(key) ? throw new StoreException(StoreErrorKind.Denied, "403") : Task.CompletedTask;
        _source.Tag("app", "v2", image);
        var result = await RunAsync();
        Assert.Equal((SyncStatus.Failed, 60L), (result.Status, result.Failed));
        Assert.NotNull(_target.Get(DistributionLayout.TagCurrentLinkKey("app", "v2")));
    }

    [Fact]
    public async Task A_listing_that_fails_on_a_later_page_goes_on_behind_what_it_gave()
    {
        for (var i = 0; i < 40; i++)
            _source.Image("app", $"v{i}", $"layer {i}");
        var source = new MemoryStore { Name = "paged", PageSize = 10 };
        foreach (var key in _source.Store.Keys)
            source.Put(key, _source.Store.Get(key)!);
        var failures = 0;
        source.OnList = (_, page) => page == 3 && Interlocked.Increment(ref failures) <= 2 ? throw new StoreException(StoreErrorKind.Transient, "page 3") : Task.CompletedTask;
        var result = await RunAsync(from: source);
        Assert.Equal(SyncStatus.Completed, result.Status);
        Assert.Equal(source.Keys, _target.Keys);
        Assert.Equal(source.Keys.Count, _target.Written.Count);
    }

    [Fact]
    public async Task A_listing_that_keeps_failing_fails_the_pass_before_any_link()
    {
        _source.Image("app", "v1", "one");
        _source.Store.OnList = (prefix, _) => prefix.StartsWith("blobs/", StringComparison.Ordinal) ? throw new StoreException(StoreErrorKind.Transient, "always") : Task.CompletedTask;
        var result = await RunAsync();
        Assert.Equal(SyncStatus.Failed, result.Status);
        Assert.Equal(Party.Source, Assert.Single(result.Failures).Party);
        Assert.Empty(_target.Keys);
    }

    [Fact]
    public async Task Expired_credentials_pause_the_pass_until_they_are_renewed()
    {
        _source.Image("app", "v1", "one");
        var expired = 2;
        _source.Store.OnRead = (_, _) => Interlocked.Decrement(ref expired) >= 0 ? throw new StoreException(StoreErrorKind.CredentialsExpired, "The token has expired.") : Task.CompletedTask;
        var warnings = new List<string>();
        var pass = new SyncPass(_source.Store.Open(), _target.Open(), new SyncOptions { CredentialPause = TimeSpan.FromMinutes(1), Concurrency = 1, Retry = Quick }, new FastTime())
        {
            Warning = warnings.Add,
        };
        var result = await pass.RunAsync(Token);
        Assert.Equal(SyncStatus.Completed, result.Status);
        Assert.Equal(2, warnings.Count);
        Assert.StartsWith("Paused: The token has expired.", warnings[0], StringComparison.Ordinal);
    }

    private Task<SyncResult> RunAsync(SyncOptions? options = null, MemoryStore? from = null) =>
        new SyncPass((from ?? _source.Store).Open(), _target.Open(), options ?? new SyncOptions { Retry = Quick }, TimeProvider.System).RunAsync(Token);
}
