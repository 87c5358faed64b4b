using RegistryMigration.Engine.Resilience;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Engine.Tests.Support;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Resilience;

public sealed class RetryPolicyTests
{
    private static readonly RetryOptions Options = new() { Attempts = 4, BaseDelay = TimeSpan.FromSeconds(1) };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_may_pass_is_tried_again_and_counted()
    {
        var traffic = new StoreTraffic("memory");
        var calls = 0;
        var answer = await Policy().ExecuteAsync(traffic, _ => ++calls < 3 ? throw new StoreException(StoreErrorKind.Throttled, "503") : new ValueTask<int>(calls), Token);
        Assert.Equal((3, 2L, 2L), (answer, traffic.Retries, traffic.Throttled));
    }

    [Fact]
    public async Task What_will_not_pass_is_tried_once()
    {
        var calls = 0;
        await Assert.ThrowsAsync<StoreException>(async () => await Policy().ExecuteAsync<int>(null, _ => throw new StoreException(StoreErrorKind.Denied, $"403, {++calls}"), Token));
        Assert.Equal(1, calls);
    }

    [Fact]
    public async Task Attempts_do_not_multiply_where_policies_nest()
    {
        var calls = 0;
        var (inner, outer) = (Policy(), Policy());
        var failure = await Assert.ThrowsAsync<StoreException>(async () => await outer.ExecuteAsync(null,
            token => inner.ExecuteAsync<int>(null, _ => throw new StoreException(StoreErrorKind.Transient, $"500, {++calls}"), token), Token));
        Assert.Equal(4, calls);
        Assert.Equal((StoreErrorKind.Transient, false), (failure.Kind, failure.IsRetryable));
    }

    private static RetryPolicy Policy() => new(Options, new FastTime());
}
