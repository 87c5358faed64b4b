using System.Text.RegularExpressions;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Kubernetes.Requests;

/// <summary>Turns what the API answers, and what fails below HTTP, into errors that say what happened and what to do.</summary>
internal static partial class ApiErrors
{
    /// <summary>The error for an answer.</summary>
    /// <param name="request">What was asked.</param>
    /// <param name="status">What was answered.</param>
    /// <param name="cluster">What messages call the cluster.</param>
    /// <param name="user">Who we are, where it is known.</param>
    /// <param name="credentials">What to do when credentials are refused.</param>
    public static ClusterException Of(ApiRequest request, ApiStatus status, string cluster, string? user, string credentials)
    {
        var kind = KindOf(request, status);
        return new ClusterException(kind, Message(kind, request, status, cluster, user, credentials))
        {
            Reason = status.Reason,
            StatusCode = status.Code,
            Target = request.Target,
            RetryAfter = status.RetryAfter,
            // 429 says that nothing was done; of anything else only reads can be sure.
            IsRetryable = kind == ClusterErrorKind.Transient && (request.IsRead || status.Code == 429),
        };
    }

    /// <summary>The error for a connection, TLS, or a cut answer.</summary>
    /// <param name="request">What was asked.</param>
    /// <param name="failure">What happened below HTTP.</param>
    public static ClusterException Of(ApiRequest request, StoreException failure)
    {
        var nothingSent = NothingSent(failure);
        var kind = failure.Kind switch
        {
            StoreErrorKind.Certificate => ClusterErrorKind.Certificate,
            StoreErrorKind.Unreachable => ClusterErrorKind.Unreachable,
            _ => ClusterErrorKind.Transient,
        };
        var doubt = request.IsRead || nothingSent || kind == ClusterErrorKind.Certificate ? "" : " " + Doubt(request);
        return new ClusterException(kind, $"{request.Verb} {request.Target}: {failure.Message}{doubt}", failure)
        {
            Target = request.Target,
            IsRetryable = kind != ClusterErrorKind.Certificate && (request.IsRead || nothingSent),
        };
    }

    /// <summary>The error for an answer that is none of this API's.</summary>
    public static ClusterException NotJson(ApiRequest request, string cluster, Exception inner) =>
        new(ClusterErrorKind.Other, $"{request.Verb} {request.Target}: {cluster} answers with something that is not JSON. Check that this is the address of a Kubernetes API server, not of its console or a proxy's login page.", inner) { Target = request.Target };

    private static string Doubt(ApiRequest request) => $"Whether the {request.Verb} was done is not known: look at {request.Target} before it is sent again.";

    private static bool NothingSent(StoreException failure)
    {
        for (var e = failure.InnerException; e is not null; e = e.InnerException)
        {
            if (e is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError } or TimeoutException)
                return true;
        }

        return false;
    }

    private static ClusterErrorKind KindOf(ApiRequest request, ApiStatus status) => status.Code switch
    {
        401 => ClusterErrorKind.Unauthenticated,
        403 => ClusterErrorKind.Denied,
        // Only a Status that names an object is about one; a path that nobody serves is answered in plain text, or without a name.
        404 => status.Name is { Length: > 0 } || request.Resource is null ? ClusterErrorKind.NotFound : ClusterErrorKind.NotServed,
        409 => ClusterErrorKind.Conflict,
        410 => ClusterErrorKind.Expired,
        400 or 405 or 406 or 413 or 415 or 422 => ClusterErrorKind.Invalid,
        408 or 429 or >= 500 => ClusterErrorKind.Transient,
        _ => ClusterErrorKind.Other,
    };

    private static string Message(ClusterErrorKind kind, ApiRequest request, ApiStatus status, string cluster, string? user, string credentials)
    {
        var said = status.Message is { } message ? message.TrimEnd('.') : FormattableString.Invariant($"HTTP {status.Code}");
        return kind switch
        {
            ClusterErrorKind.Unauthenticated => $"{cluster} does not accept who we are (401): the token or certificate is expired or invalid. {credentials}",
            ClusterErrorKind.Denied => Denied(request, status, said, user, credentials),
            ClusterErrorKind.NotFound when status.Kind == "namespaces" && request.Resource != "namespaces" => $"There is no namespace '{status.Name}' in {cluster}, so {request.Target} can't be there. Check the namespace.",
            ClusterErrorKind.NotFound => $"There is no {request.Target} in {cluster}. Check the name{(request.Namespace is null ? "" : " and the namespace")}.",
            ClusterErrorKind.NotServed => $"{cluster} does not serve {request.Resource}: {said}. Check that it is the right cluster, and that what brings this API is installed.",
            ClusterErrorKind.Conflict when status.Reason == "AlreadyExists" => $"{request.Verb} {request.Target}: {said}.",
            ClusterErrorKind.Conflict => $"{request.Verb} {request.Target}: somebody changed it meanwhile: {said}. Read it again, then decide again.",
            ClusterErrorKind.Expired => $"{request.Verb} {request.Target}: {said}. Start again from the present state.",
            ClusterErrorKind.Invalid => $"{request.Verb} {request.Target} is refused: {said}.{Causes(status)}",
            ClusterErrorKind.Transient => $"{request.Verb} {request.Target}: {cluster} is not able to answer now ({FormattableString.Invariant($"HTTP {status.Code}")}): {said}. {(request.IsRead || status.Code == 429 ? "Check the API server's health, then run it again." : Doubt(request))}",
            _ => $"{request.Verb} {request.Target}: {cluster} answered: {said}.",
        };
    }

    private static string Denied(ApiRequest request, ApiStatus status, string said, string? user, string credentials)
    {
        // Quotas, admission and Pod Security answer 403 as well; only RBAC's message speaks of what the user cannot do.
        var byRights = CannotPattern().Match(said) is { Success: true } match ? match : null;
        if (byRights is null && status.Message is not null)
            return $"{request.Verb} {request.Target} is refused: {said}.";
        var account = byRights?.Groups["user"].Value is { Length: > 0 } named ? named : user;
        if (account is "system:anonymous")
            return $"Nobody is logged in, and anonymous requests may not {request.Verb} {request.Target}. {credentials}";
        var where = request.Namespace is { } space ? $" in the namespace {space} (a Role and a RoleBinding)" : " (a ClusterRole and a ClusterRoleBinding)";
        // An exec over a WebSocket is a GET and a create, by version: the API knows which it wanted.
        var verb = byRights?.Groups["verb"].Value ?? request.Verb;
        return $"The account '{account ?? "unknown"}' may not {verb} {request.Target}. Grant it the verb '{verb}' on {request.Resource ?? request.Path}{where}, or use another account.";
    }

    private static string Causes(ApiStatus status)
    {
        // The message of most 422 quotes them already.
        var causes = status.Causes.Where(cause => cause.Field is { Length: > 0 } field && status.Message?.Contains(field, StringComparison.Ordinal) != true).Select(cause => $"{cause.Field}: {cause.Message}").ToList();
        return causes.Count == 0 ? "" : $" {string.Join("; ", causes)}.";
    }

    [GeneratedRegex("""User "(?<user>[^"]*)" cannot (?<verb>[a-z]+) """)]
    private static partial Regex CannotPattern();
}
