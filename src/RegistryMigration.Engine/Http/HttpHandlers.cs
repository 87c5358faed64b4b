using System.Net;
using System.Net.Security;
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
        var handler = new SocketsHttpHandler
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
        if (tls.SkipCertificateCheck)
        {
#pragma warning disable CA5359 // Asked for by name; the caller warns on every use.
            handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        else if (tls.CertificateAuthorityPath is { } path)
        {
            var authorities = LoadAuthorities(path);
            handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, chain, errors) => Validate(certificate, chain, errors, authorities);
        }

        return handler;
    }

    private static X509Certificate2Collection LoadAuthorities(string path)
    {
        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPemFile(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or System.Security.Cryptography.CryptographicException)
        {
            throw new StoreException(StoreErrorKind.Certificate, $"The certificate authority file '{path}' can't be read: {e.Message} Give a PEM file.", e);
        }

        return authorities.Count > 0
            ? authorities
            : throw new StoreException(StoreErrorKind.Certificate, $"The certificate authority file '{path}' holds no certificate. Give a PEM file with BEGIN CERTIFICATE blocks.");
    }

    // The system's verdict stands but for an unknown root, which may be one of ours.
    private static bool Validate(X509Certificate? certificate, X509Chain? presented, SslPolicyErrors errors, X509Certificate2Collection authorities)
    {
        if (errors == SslPolicyErrors.None)
            return true;
        if (errors != SslPolicyErrors.RemoteCertificateChainErrors || certificate is null)
            return false;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.ExtraStore.AddRange(authorities);
        if (presented is not null)
            chain.ChainPolicy.ExtraStore.AddRange(presented.ChainPolicy.ExtraStore);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        using var leaf = new X509Certificate2(certificate);
        return chain.Build(leaf);
    }
}
