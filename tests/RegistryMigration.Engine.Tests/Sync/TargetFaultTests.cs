using RegistryMigration.Engine.Layouts;
using RegistryMigration.Engine.Sync;
using RegistryMigration.Engine.Tests.Support;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Sync;

/// <summary>Whatever the target does, what is there afterwards is whole and harmless, and a rerun completes it.</summary>
public sealed class TargetFaultTests
{
    private static readonly RetryOptions Quick = new() { BaseDelay = TimeSpan.FromMilliseconds(1), Attempts = 3 };

    private readonly TestRegistry _source = new(new MemoryStore { Name = "source" });
    private readonly MemoryStore _target = new() { Name = "target" };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_storm_of_503_is_ridden_out()
    {
        Fill(50);
        var calls = 0;
        _target.OnWrite = _ => Interlocked.Increment(ref calls) % 3 == 0 ? throw new StoreException(StoreErrorKind.Throttled, "SlowDown") : Task.CompletedTask;
        var result = await RunAsync(new SyncOptions { Retry = Quick with { Attempts = 8 } });
        Assert.Equal(SyncStatus.Completed, result.Status);
        Assert.Equal(_source.Store.Keys, _target.Keys);
        Assert.True(result.DestinationTraffic.Retries > 10);
        Assert.Equal(result.DestinationTraffic.Retries, result.DestinationTraffic.Throttled);
    }

    [Fact]
    public async Task A_server_that_is_down_is_not_hammered()
    {
        Fill(200);
        var calls = 0;
        _target.OnWrite = _ =>
        {
            Interlocked.Increment(ref calls);
            throw new StoreException(StoreErrorKind.Transient, "500");
        };
        var result = await RunAsync(new SyncOptions { Retry = Quick with { Attempts = 10, Budget = 50 } });
        Assert.Equal(SyncStatus.Failed, result.Status);
        Assert.InRange(calls, 50, 400 * 2 + 50);
        Assert.Equal(50, result.DestinationTraffic.Retries);
    }

    [Theory]
    [InlineData(StoreErrorKind.Full)]
    [InlineData(StoreErrorKind.ReadOnly)]
    [InlineData(StoreErrorKind.Unauthenticated)]
    [InlineData(StoreErrorKind.ClockSkew)]
    public async Task A_failure_that_every_object_would_meet_ends_the_pass_and_a_rerun_resumes(StoreErrorKind kind)
    {
        Fill(300);
        var calls = 0;
        _target.OnWrite = _ => Interlocked.Increment(ref calls) > 100 ? throw new StoreException(kind, "no more") : Task.CompletedTask;
        var result = await RunAsync();
        Assert.Equal(SyncStatus.Failed, result.Status);
        Assert.InRange(calls, 101, 101 + 64);
        Assert.All(result.Failures, failure => Assert.Equal((Party.Target, kind), (failure.Party, failure.Kind)));
        Assert.DoesNotContain(_target.Keys, key => key.StartsWith("repositories/", StringComparison.Ordinal));

        _target.OnWrite = null;
        var again = await RunAsync();
        Assert.Equal(SyncStatus.Completed, again.Status);
        Assert.Equal(_source.Store.Keys, _target.Keys);
        Assert.Equal(_target.Keys.Count, _target.Written.Count);
    }

    [Fact]
    public async Task A_target_that_refuses_everything_is_not_asked_a_thousand_times()
    {
        Fill(300);
        var calls = 0;
        _target.OnWrite = _ => Interlocked.Increment(ref calls) > 0 ? throw new StoreException(StoreErrorKind.Denied, "403") : Task.CompletedTask;
        var result = await RunAsync();
        Assert.Equal(SyncStatus.Failed, result.Status);
        Assert.InRange(calls, 50, 50 + 64);
    }

    [Fact]
    public async Task A_blob_that_the_target_refuses_holds_back_just_the_tags_that_need_it()
    {
        _source.Image("bad", "v1", "refused");
        _source.Image("good", "v1", "fine");
        var refused = DistributionLayout.Instance.BlobKey(Digest.OfSha256("refused"u8));
        _target.OnWrite = key => key == refused ? throw new StoreException(StoreErrorKind.Denied, "403") : Task.CompletedTask;
        var result = await RunAsync();
        Assert.Equal(SyncStatus.Failed, result.Status);
        Assert.Null(_target.Get(DistributionLayout.TagCurrentLinkKey("bad", "v1")));
        Assert.NotNull(_target.Get(DistributionLayout.TagCurrentLinkKey("good", "v1")));
        Assert.True(result.Deferred >= 3);
    }

    [Fact]
    public async Task Cancelling_gives_a_result_and_the_rerun_completes()
    {
        Fill(300);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var calls = 0;
        _target.OnWrite = async _ =>
        {
            if (Interlocked.Increment(ref calls) == 100)
                await stop.CancelAsync();
            await Task.Yield();
        };
        var result = await new SyncPass(_source.Store.Open(), _target.Open(), new SyncOptions(), TimeProvider.System).RunAsync(stop.Token);
        Assert.Equal(SyncStatus.Interrupted, result.Status);
        Assert.True(_target.Keys.Count < _source.Store.Keys.Count);
        _target.OnWrite = null;
        Assert.Equal(SyncStatus.Completed, (await RunAsync()).Status);
        Assert.Equal(_source.Store.Keys, _target.Keys);
    }

    [Fact]
    public async Task Two_passes_at_once_into_one_target_agree()
    {
        Fill(200);
        _target.OnWrite = async _ => await Task.Yield();
        var both = await Task.WhenAll(RunAsync(), RunAsync());
        Assert.All(both, result => Assert.Equal(SyncStatus.Completed, result.Status));
        Assert.Equal(_source.Store.Keys, _target.Keys);
        Assert.All(_target.Keys, key => Assert.Equal(_source.Store.Get(key), _target.Get(key)));
    }

    private void Fill(int images)
    {
        for (var i = 0; i < images; i++)
            _source.Image($"team{i % 5}/app", $"v{i}", "base", $"layer {i}");
    }

    private Task<SyncResult> RunAsync(SyncOptions? options = null) =>
        new SyncPass(_source.Store.Open(), _target.Open(), options ?? new SyncOptions { Retry = Quick }, TimeProvider.System).RunAsync(Token);
}
