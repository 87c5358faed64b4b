using RegistryMigration.Model;

namespace RegistryMigration.Worker.Configuration;

/// <summary>How failures that may pass are retried, and when silence counts as one.</summary>
internal sealed class RetrySettings : SettingGroup
{
    private static readonly RetryOptions Defaults = new();

    private readonly Setting<int> _attempts;
    private readonly Setting<TimeSpan> _baseDelay;
    private readonly Setting<TimeSpan> _maxDelay;
    private readonly Setting<int> _budget;
    private readonly Setting<double> _budgetPerSuccess;
    private readonly Setting<TimeSpan> _stallTimeout;

    public RetrySettings()
    {
        _attempts = Value("retry-attempts", "Attempts of one request, the first included (8)", SettingParsers.Integer());
        _baseDelay = Value("retry-base-delay", "The ceiling of the first delay; doubles with each attempt (200ms)", SettingParsers.Time);
        _maxDelay = Value("retry-max-delay", "The longest delay (30s)", SettingParsers.Time);
        _budget = Value("retry-budget", "Repetitions that a run may make at once (500)", SettingParsers.Integer(0));
        _budgetPerSuccess = Value("retry-budget-per-success", "Repetitions earned by each success (0.2)", SettingParsers.Number);
        _stallTimeout = Value("stall-timeout", "A transfer that moves no byte for this long is cut and retried (30s)", SettingParsers.Time);
    }

    /// <summary>The options as they were given.</summary>
    public RetryOptions Read(SettingValues values) => new()
    {
        Attempts = values.Get(_attempts, Defaults.Attempts),
        BaseDelay = values.Get(_baseDelay, Defaults.BaseDelay),
        MaxDelay = values.Get(_maxDelay, Defaults.MaxDelay),
        Budget = values.Get(_budget, Defaults.Budget),
        BudgetPerSuccess = values.Get(_budgetPerSuccess, Defaults.BudgetPerSuccess),
    };

    /// <summary>The stall time-out, or <paramref name="fallback"/>.</summary>
    public TimeSpan StallTimeout(SettingValues values, TimeSpan fallback) => values.Get(_stallTimeout, fallback);
}
