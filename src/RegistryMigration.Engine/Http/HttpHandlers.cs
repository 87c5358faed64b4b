using System.Net;
using System.Security.Cryptography.X509Certificates;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Http;

/// <summary>Makes the one kind of HTTP handler that everything here uses.</summary>
internal static class HttpHandlers
{
    /// <summary>A handler tuned for many transfers to one host: no redirects, no cookies, no decompression, TLS as asked.</summary>
    /// <exception cref="StoreException">The certificate authority file can't be read.</exception>
    public static SocketsHttpHandler Create(TlsOptions tls)
    {
        ArgumentNullException.ThrowIfNull(tls);
        return tls.SkipCertificateCheck ? Trusting()
            : tls.CertificateAuthorityPath is { } path ? Create(Authorities(path), only: false)
            : Create();
    }

    /// <summary>A handler that trusts certain authorities.</summary>
    /// <param name="authorities">Whom to trust.</param>
    /// <param name="only">Whether nobody else is trusted, the system's authorities included.</param>
    public static SocketsHttpHandler Create(X509Certificate2Collection authorities, bool only)
    {
        var handler = Create();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, chain, errors) => ServerTrust.Accepts(certificate, chain, errors, authorities, only);
        return handler;
    }

    /// <summary>A handler that trusts anybody.</summary>
    public static SocketsHttpHandler Trusting()
    {
        var handler = Create();
#pragma warning disable CA5359 // Asked for by name; the caller warns on every use.
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
        return handler;
    }

    /// <summary>A handler that trusts whom the system trusts.</summary>
    public static SocketsHttpHandler Create() => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        MaxConnectionsPerServer = 256,
        ConnectTimeout = TimeSpan.FromSeconds(15),
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(60),
        PooledConnectionLifetime = TimeSpan.FromMinutes(10),
        EnableMultipleHttp2Connections = true,
    };

    /// <summary>The authorities of a PEM file.</summary>
    /// <exception cref="StoreException">It can't be read, or holds none.</exception>
    public static X509Certificate2Collection Authorities(string path)
    {
        try
        {
            return Authorities(File.ReadAllText(path), $"The certificate authority file '{path}'");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(StoreErrorKind.Certificate, $"The certificate authority file '{path}' can't be read: {e.Message} Give a PEM file.", e);
        }
    }

    /// <summary>The authorities of PEM text.</summary>
    /// <param name="pem">The text.</param>
    /// <param name="source">What messages call its source.</param>
    /// <exception cref="StoreException">It can't be read, or holds none.</exception>
    public static X509Certificate2Collection Authorities(string pem, string source)
    {
        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPem(pem);
        }
        catch (System.Security.Cryptography.CryptographicException e)
        {
            throw new StoreException(StoreErrorKind.Certificate, $"{source} can't be read: {e.Message} Give a PEM file.", e);
        }

        return authorities.Count > 0
            ? authorities
            : throw new StoreException(StoreErrorKind.Certificate, $"{source} holds no certificate. Give a PEM file with BEGIN CERTIFICATE blocks.");
    }
}
