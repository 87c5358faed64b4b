namespace RegistryMigration.Model;

/// <summary>What went wrong at a cluster, by what can be done about it.</summary>
public enum ClusterErrorKind
{
    /// <summary>Anything that fits nowhere else.</summary>
    Other,

    /// <summary>The kubeconfig, context, or option makes no sense.</summary>
    Configuration,

    /// <summary>Nobody answers at the address.</summary>
    Unreachable,

    /// <summary>TLS: unknown authority, expired, wrong host.</summary>
    Certificate,

    /// <summary>401: no credentials, wrong ones, or expired ones.</summary>
    Unauthenticated,

    /// <summary>403: the message names the verb and the resource that are not allowed.</summary>
    Denied,

    /// <summary>404 of an object.</summary>
    NotFound,

    /// <summary>404 of the type itself: the API is not served here (not an OpenShift cluster, for instance).</summary>
    NotServed,

    /// <summary>409: somebody changed the object meanwhile, or it exists.</summary>
    Conflict,

    /// <summary>422 or 400: the API refuses what was sent.</summary>
    Invalid,

    /// <summary>410: a resource version that is too old, for a watch or a page of a list.</summary>
    Expired,

    /// <summary>429, 5xx, a cut connection: may pass.</summary>
    Transient,

    /// <summary>What was waited for did not happen in time.</summary>
    TimedOut,

    /// <summary>A precondition of the step does not hold; the message says which and what to do.</summary>
    Precondition,

    /// <summary>Another one works on the same migration.</summary>
    Locked,
}

/// <summary>A cluster could not do what was asked, or refused. The message names the next step; it never holds a secret.</summary>
public sealed class ClusterException : Exception, IRetryable
{
    /// <summary>Makes the error of one request or step.</summary>
    public ClusterException(ClusterErrorKind kind, string message, Exception? inner = null)
        : base(message, inner) => Kind = kind;

    /// <summary>What kind of failure: decides on retry, category and error id.</summary>
    public ClusterErrorKind Kind { get; }

    /// <summary>The API's own reason (Status.reason), for example <c>AlreadyExists</c>.</summary>
    public string? Reason { get; init; }

    /// <summary>The HTTP status, where the failure was an answer.</summary>
    public int? StatusCode { get; init; }

    /// <summary>The object concerned: <c>deployments/image-registry in openshift-image-registry</c>.</summary>
    public string? Target { get; init; }

    /// <summary>How long the server asked us to wait; null where it did not say.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Whether the same request may be sent again: it may pass, and it can't have been done already.</summary>
    public bool IsRetryable { get; init; }

    /// <inheritdoc />
    public Exception AfterRetries() => new ClusterException(Kind, Message, InnerException) { Reason = Reason, StatusCode = StatusCode, Target = Target, RetryAfter = RetryAfter };
}
