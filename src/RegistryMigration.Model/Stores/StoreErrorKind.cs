namespace RegistryMigration.Model;

/// <summary>What went wrong at a store or a registry, by what can be done about it.</summary>
public enum StoreErrorKind
{
    /// <summary>Anything that fits nowhere else; not retried.</summary>
    Other,

    /// <summary>Server error, reset connection, cut answer, time-out: retried.</summary>
    Transient,

    /// <summary>503 SlowDown, 429, 498: retried later, with less concurrency.</summary>
    Throttled,

    /// <summary>No byte moved for the stall time-out; cut and retried.</summary>
    Stalled,

    /// <summary>The key, bucket or container does not exist.</summary>
    NotFound,

    /// <summary>The server knows who we are and refuses (403).</summary>
    Denied,

    /// <summary>Credentials are missing or wrong (401, InvalidAccessKeyId, SignatureDoesNotMatch).</summary>
    Unauthenticated,

    /// <summary>Credentials were good and have expired: refreshed, or the run pauses.</summary>
    CredentialsExpired,

    /// <summary>Our clock and the server's differ too much (RequestTimeTooSkewed).</summary>
    ClockSkew,

    /// <summary>The bytes are not what their digest, checksum or length says.</summary>
    Integrity,

    /// <summary>The object changed between two reads of one copy.</summary>
    Changed,

    /// <summary>No room: disk full, quota exceeded, 413, 507.</summary>
    Full,

    /// <summary>The store takes no writes (read-only mount, 405).</summary>
    ReadOnly,

    /// <summary>The key can't be held by this store, or is unsafe.</summary>
    InvalidKey,

    /// <summary>The server does not implement the request (501).</summary>
    Unsupported,

    /// <summary>A precondition failed (412, 409).</summary>
    Conflict,

    /// <summary>TLS: unknown authority, expired, wrong host.</summary>
    Certificate,

    /// <summary>Nobody answers at the address (refused, no such host).</summary>
    Unreachable,

    /// <summary>A listing came out of order or repeated itself: nothing may be concluded from it.</summary>
    BrokenListing,
}
