namespace RegistryMigration.Model;

/// <summary>A store or registry could not do what was asked. The message names the next step; it never holds a secret.</summary>
public sealed class StoreException : Exception, IRetryable
{
    /// <summary>Makes the error of one request.</summary>
    public StoreException(StoreErrorKind kind, string message, Exception? inner = null)
        : base(message, inner) => Kind = kind;

    /// <summary>What kind of failure: decides on retry, category and error id.</summary>
    public StoreErrorKind Kind { get; }

    /// <summary>The key concerned, where there is one.</summary>
    public string? Key { get; init; }

    /// <summary>The store or registry concerned, as an address without secrets.</summary>
    public string? Store { get; init; }

    /// <summary>Whose failure it was in a copy; null outside of one.</summary>
    public Party? Party { get; init; }

    /// <summary>How long the server asked us to wait (Retry-After); null where it did not say.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The HTTP status, where the failure was an answer.</summary>
    public int? StatusCode { get; init; }

    /// <summary>Whether attempts at it were used up already, so that nobody further out repeats them all.</summary>
    public bool WasRetried { get; init; }

    /// <summary>Whether the same request may succeed when sent again. A failure that has its party was retried by that party already.</summary>
    public bool IsRetryable => Party is null && !WasRetried && Kind is StoreErrorKind.Transient or StoreErrorKind.Throttled or StoreErrorKind.Stalled;

    /// <summary>The same failure, with the party that failed.</summary>
    public StoreException At(Party party) => Copy(Party ?? party, WasRetried);

    /// <summary>The same failure, after the last attempt that it was worth.</summary>
    public StoreException AfterRetries() => Copy(Party, wasRetried: true);

    Exception IRetryable.AfterRetries() => AfterRetries();

    private StoreException Copy(Party? party, bool wasRetried) =>
        new(Kind, Message, InnerException) { Key = Key, Store = Store, Party = party, RetryAfter = RetryAfter, StatusCode = StatusCode, WasRetried = wasRetried };
}

/// <summary>The two ends of a copy.</summary>
public enum Party
{
    /// <summary>Where bytes are read.</summary>
    Source,

    /// <summary>Where bytes are written.</summary>
    Target,
}
