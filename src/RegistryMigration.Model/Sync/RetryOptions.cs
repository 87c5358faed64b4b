namespace RegistryMigration.Model;

/// <summary>How failures that may pass are retried.</summary>
public sealed record RetryOptions
{
    /// <summary>Attempts of one request, the first included; 1 never retries.</summary>
    public int Attempts { get; init; } = 8;

    /// <summary>The ceiling of the first delay; it doubles with each attempt, and the delay is drawn between zero and it.</summary>
    public TimeSpan BaseDelay { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The longest delay, Retry-After included.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Repetitions that a run may make at once before failures pass through.</summary>
    public int Budget { get; init; } = 500;

    /// <summary>Repetitions earned by each request that succeeds.</summary>
    public double BudgetPerSuccess { get; init; } = 0.2;
}
