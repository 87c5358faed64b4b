using Polly;
using Polly.Retry;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Resilience;

/// <summary>Sends requests again after exponential backoff with full jitter, within a budget that all requests of a run share.</summary>
/// <remarks>
/// Full jitter: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/. The budget keeps a broken server from being
/// hammered: each success earns a fraction of a retry, each retry costs one, and an empty budget lets the failure through.
/// </remarks>
public sealed class RetryPolicy
{
    private readonly RetryOptions _options;
    private readonly RetryBudget _budget;
    private readonly ResiliencePipeline _pipeline;

    private static readonly ResiliencePropertyKey<StoreTraffic?> TrafficKey = new("traffic");

    /// <summary>A policy with its own budget.</summary>
    public RetryPolicy(RetryOptions options, TimeProvider time)
    {
        _options = options;
        _budget = new RetryBudget(options.Budget, options.BudgetPerSuccess);
        _pipeline = options.Attempts <= 1 ? ResiliencePipeline.Empty : new ResiliencePipelineBuilder { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = options.Attempts - 1,
                ShouldHandle = arguments => ValueTask.FromResult(arguments.Outcome.Exception is IRetryable { IsRetryable: true } && _budget.TrySpend()),
                DelayGenerator = arguments => ValueTask.FromResult<TimeSpan?>(Delay(arguments.AttemptNumber, arguments.Outcome.Exception as IRetryable)),
                OnRetry = arguments =>
                {
                    if (arguments.Context.Properties.TryGetValue(TrafficKey, out var traffic))
                        traffic?.CountRetry(arguments.Outcome.Exception is StoreException { Kind: StoreErrorKind.Throttled });
                    return default;
                },
            })
            .Build();
    }

    /// <summary>Runs an action until it succeeds, fails for good, or attempts or budget are used up.</summary>
    /// <param name="traffic">Where repetitions are counted.</param>
    /// <param name="action">One attempt.</param>
    /// <param name="cancellationToken">Ends attempts and waits.</param>
    public async ValueTask<T> ExecuteAsync<T>(StoreTraffic? traffic, Func<CancellationToken, ValueTask<T>> action, CancellationToken cancellationToken)
    {
        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        context.Properties.Set(TrafficKey, traffic);
        try
        {
            var result = await _pipeline.ExecuteAsync(static (context, action) => action(context.CancellationToken), context, action);
            _budget.Earn();
            return result;
        }
        catch (Exception e) when (e is IRetryable { IsRetryable: true } failure)
        {
            // Policies nest (a part in a write, a page in a listing): without this mark, eight attempts inside eight would be 64.
            throw failure.AfterRetries();
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    /// <inheritdoc cref="ExecuteAsync{T}" />
    public async ValueTask ExecuteAsync(StoreTraffic? traffic, Func<CancellationToken, ValueTask> action, CancellationToken cancellationToken) =>
        await ExecuteAsync(traffic, async token =>
        {
            await action(token);
            return true;
        }, cancellationToken);

    private TimeSpan Delay(int attempt, IRetryable? failure)
    {
        var ceiling = Math.Min(_options.MaxDelay.TotalMilliseconds, _options.BaseDelay.TotalMilliseconds * Math.Pow(2, attempt));
#pragma warning disable CA5394 // Jitter spreads load; nothing secret depends on it.
        var jittered = TimeSpan.FromMilliseconds(Random.Shared.NextDouble() * ceiling);
#pragma warning restore CA5394
        return failure?.RetryAfter is { } asked && asked > jittered ? TimeSpan.FromTicks(Math.Min(asked.Ticks, _options.MaxDelay.Ticks)) : jittered;
    }
}
