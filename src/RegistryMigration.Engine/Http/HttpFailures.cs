using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Http;

/// <summary>Turns what HttpClient throws, and plain status codes, into <see cref="StoreErrorKind"/>s with a next step.</summary>
internal static class HttpFailures
{
    /// <summary>The store error for a failure below HTTP: connection, TLS, a cut answer.</summary>
    public static StoreException FromException(Exception exception, string store, string? key = null)
    {
        ArgumentNullException.ThrowIfNull(exception);
        var (kind, message) = Describe(exception, store);
        return new StoreException(kind, message, exception) { Store = store, Key = key };
    }

    /// <summary>The store error for a server that moved no byte for so long.</summary>
    public static StoreException Stalled(string store, TimeSpan limit, Exception inner, string? key = null) =>
        new(StoreErrorKind.Stalled, FormattableString.Invariant($"{store} did not move a byte{(key is null ? "" : $" of '{key}'")} for {limit.TotalSeconds:0.#} s. Check its load, and the network in between."), inner) { Store = store, Key = key };

    /// <summary>The kind that a status code stands for, before a server's own error code refines it.</summary>
    public static StoreErrorKind KindOf(HttpStatusCode status) => (int)status switch
    {
        401 => StoreErrorKind.Unauthenticated,
        403 => StoreErrorKind.Denied,
        404 or 410 => StoreErrorKind.NotFound,
        405 => StoreErrorKind.ReadOnly,
        408 or 500 or 502 or 504 => StoreErrorKind.Transient,
        409 or 412 => StoreErrorKind.Conflict,
        413 or 507 => StoreErrorKind.Full,
        422 => StoreErrorKind.Integrity,
        429 or 498 or 503 => StoreErrorKind.Throttled,
        501 => StoreErrorKind.Unsupported,
        > 500 => StoreErrorKind.Transient,
        _ => StoreErrorKind.Other,
    };

    /// <summary>The wait that a Retry-After header asks for.</summary>
    public static TimeSpan? RetryAfter(HttpResponseMessage response, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(response);
        ArgumentNullException.ThrowIfNull(time);
        var header = response.Headers.RetryAfter;
        return header?.Delta ?? (header?.Date is { } date ? date - time.GetUtcNow() : null);
    }

    private static (StoreErrorKind Kind, string Message) Describe(Exception exception, string store)
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            switch (e)
            {
                case AuthenticationException:
                    return (StoreErrorKind.Certificate, $"The TLS certificate of {store} was not accepted: {e.Message} Check the host name, the expiry date, and give the private CA with -CertificateAuthority.");
                // HttpClient has the proxy's status in its message only. It is 407 (RFC 9110, 15.5.8), but tinyproxy says 401 to a wrong password.
                case HttpRequestException { HttpRequestError: HttpRequestError.ProxyTunnelError } proxy when proxy.Message.Contains("'407'", StringComparison.Ordinal) || proxy.Message.Contains("'401'", StringComparison.Ordinal):
                    return (StoreErrorKind.Unauthenticated, $"The proxy before {store} does not let us through: {proxy.Message} Check user and password in its address (proxy-url of the kubeconfig, HTTPS_PROXY).");
                case HttpRequestException { HttpRequestError: HttpRequestError.ProxyTunnelError } proxy:
                    return (StoreErrorKind.Unreachable, $"The proxy before {store} does not reach it: {proxy.Message} Check the proxy (proxy-url of the kubeconfig, HTTPS_PROXY) and what it allows, or name the host in NO_PROXY.");
                case TimeoutException:
                    return (StoreErrorKind.Unreachable, $"Nobody answers at {store}: no connection in time. Check the endpoint's host and port, and firewalls in between.");
                case SocketException { SocketErrorCode: SocketError.ConnectionRefused or SocketError.HostNotFound or SocketError.NoData or SocketError.NetworkUnreachable or SocketError.HostUnreachable } socket:
                    return (StoreErrorKind.Unreachable, $"Nobody answers at {store}: {socket.Message}. Check the endpoint's host, port and scheme.");
            }
        }

        return (StoreErrorKind.Transient, $"The connection to {store} broke: {exception.GetBaseException().Message}");
    }
}
