using System.Security.Cryptography.X509Certificates;
using RegistryMigration.Engine.Http;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tls;

/// <summary>Reads the certificates of servers. Nobody is trusted because they answered first: a chain says what it was verified by, or that it was not.</summary>
public static class TlsChains
{
    /// <summary>Connects, takes the certificates of the handshake and hangs up: no request is ever sent.</summary>
    /// <remarks>Through the same proxy as everything else (HTTPS_PROXY, NO_PROXY). A proxy that opens TLS shows its own certificates, which is what clients behind it see, too.</remarks>
    /// <param name="host">Name or address, which also is what the certificate has to be for.</param>
    /// <param name="port">The port.</param>
    /// <param name="tls">Authorities to trust besides the system's. <see cref="TlsOptions.SkipCertificateCheck"/> changes nothing: the chain says what it is.</param>
    /// <param name="fingerprint">The SHA-256 that a certificate of the chain has to have; null for none.</param>
    /// <param name="timeout">How long the server may take.</param>
    /// <param name="cancellationToken">Ends the connection.</param>
    /// <exception cref="StoreException">Nobody answers there, or not by TLS; the file of authorities can't be read.</exception>
    /// <exception cref="FormatException">The fingerprint is none.</exception>
    public static async Task<TlsCertificateChain> ReadAsync(string host, int port, TlsOptions tls, string? fingerprint, TimeSpan timeout, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(host);
        ArgumentNullException.ThrowIfNull(tls);
        var judge = new ChainJudge(
            TlsServer.Name(host, port), host, tls.CertificateAuthorityPath is { } path ? HttpHandlers.Authorities(path) : [], tls.CertificateAuthorityPath, fingerprint is null ? null : TlsFingerprint.Parse(fingerprint));
        TlsCertificateChain? chain = null;
        using var handler = HttpHandlers.Create();
        handler.ConnectTimeout = timeout;
        handler.SslOptions.CertificateRevocationCheckMode = X509RevocationMode.NoCheck;
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, presented, errors) =>
        {
            chain = certificate is null ? null : judge.Judge(certificate, presented, errors);
            return false;
        };
        using var http = new HttpMessageInvoker(handler, disposeHandler: false);
        using var request = new HttpRequestMessage(HttpMethod.Head, new UriBuilder(Uri.UriSchemeHttps, host, port).Uri);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        try
        {
            using var response = await http.SendAsync(request, limit.Token);
        }
        catch (Exception) when (chain is not null)
        {
            return chain;
        }
        catch (Exception e) when (e is not StoreException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw Failure(e, judge.Server, timeout);
        }

        throw new StoreException(StoreErrorKind.Unsupported, $"{judge.Server} showed no certificate. Check host and port.") { Store = judge.Server };
    }

    private static StoreException Failure(Exception exception, string server, TimeSpan timeout) => exception switch
    {
        OperationCanceledException => new(StoreErrorKind.Unreachable, FormattableString.Invariant($"{server} did not finish a TLS handshake within {timeout.TotalSeconds:0.#} s. Check host, port, and firewalls in between, and that the port speaks TLS."), exception) { Store = server },
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => new(StoreErrorKind.Unsupported, $"{server} answers, but not by TLS: {exception.GetBaseException().Message} Give the port of https; a server of plain http has no certificate.", exception) { Store = server },
        _ => HttpFailures.FromException(exception, server),
    };
}
