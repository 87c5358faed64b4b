using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Kubernetes.Authentication;

/// <summary>Makes client certificates of PEM texts: RSA and EC keys, PKCS#1, SEC1 and PKCS#8, with the chain where there is one.</summary>
internal static class ClientCertificates
{
    /// <exception cref="ClusterException">The texts are no certificate and its key.</exception>
    public static SslStreamCertificateContext Load(string certificate, Secret key, string source)
    {
        try
        {
            var leaf = X509Certificate2.CreateFromPem(certificate, key.Reveal());
            if (OperatingSystem.IsWindows())
            {
                // SChannel uses no key that lives in memory only.
                using var ephemeral = leaf;
                leaf = new X509Certificate2(ephemeral.Export(X509ContentType.Pkcs12));
            }

            var chain = new X509Certificate2Collection();
            chain.ImportFromPem(certificate);
            // Offline: the chain is what the text has; nothing is fetched.
            return SslStreamCertificateContext.Create(leaf, chain, offline: true);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            // The inner exception quotes neither text.
            throw new ClusterException(ClusterErrorKind.Configuration, $"The client certificate and key of {source} can't be used: {e.Message} Both must be PEM, the key without a pass phrase and belonging to the certificate.", e);
        }
    }

    /// <summary>When a certificate has expired or is not valid yet, in words for an error; null while it is valid.</summary>
    public static string? Fault(SslStreamCertificateContext? context, TimeProvider time)
    {
        if (context?.TargetCertificate is not { } certificate)
            return null;
        var now = time.GetUtcNow();
        return now > certificate.NotAfter.ToUniversalTime() ? FormattableString.Invariant($"The client certificate expired on {certificate.NotAfter.ToUniversalTime():u}.")
            : now < certificate.NotBefore.ToUniversalTime() ? FormattableString.Invariant($"The client certificate is not valid before {certificate.NotBefore.ToUniversalTime():u}: check this machine's clock.")
            : null;
    }
}
