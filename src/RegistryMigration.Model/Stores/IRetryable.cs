namespace RegistryMigration.Model;

/// <summary>A failure that knows whether the same request may succeed when sent again.</summary>
public interface IRetryable
{
    /// <summary>Whether it is worth another attempt, and safe.</summary>
    bool IsRetryable { get; }

    /// <summary>How long the server asked us to wait; null where it did not say.</summary>
    TimeSpan? RetryAfter { get; }

    /// <summary>The same failure, after the last attempt that it was worth.</summary>
    Exception AfterRetries();
}
