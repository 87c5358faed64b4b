using RegistryMigration.Clusters.Quay.Drivers;
using RegistryMigration.Engine.Tls;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Quay.Steps;

/// <summary>Finds the certificates by which Quay is to know the storage's server. Nobody is trusted at first sight.</summary>
internal static class StorageTrust
{
    private const int DefaultPort = 443;

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(30);

    /// <summary>The certificates as PEM; null where the storage has no server, or one without TLS.</summary>
    /// <param name="destination">The storage.</param>
    /// <param name="fingerprint">SHA-256 of a certificate of the chain, where nothing verifies it.</param>
    /// <param name="timeout">How long the server may take.</param>
    /// <param name="cancellationToken">Ends the connection.</param>
    /// <exception cref="ClusterException">The chain is neither verified nor pinned, or ends in nothing that Quay could trust.</exception>
    public static async Task<string?> FindAsync(RegistryStore destination, string? fingerprint, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (ServerOf(destination) is not { Scheme: "https" } server)
            return null;
        var tls = destination.Tls.SkipCertificateCheck ? new TlsOptions() : destination.Tls;
        var chain = await TlsChains.ReadAsync(server.Host, server.IsDefaultPort ? DefaultPort : server.Port, tls, fingerprint, timeout < ConnectTimeout ? timeout : ConnectTimeout, cancellationToken);
        if (!chain.IsVerified && !chain.IsPinned)
            throw Refused($"The certificate of {chain} is not verified ({string.Join(" ", chain.Problems)}), and Quay would not accept it. Make the store with -CertificateAuthority; or look at it with Get-TlsCertificateChain {chain}, compare the fingerprint with what the server's administrator says, and give it with -Fingerprint.");
        if (!chain.IsComplete)
            throw Refused($"{chain} sends no certificate that is signed by itself, and none is known here: Quay's OpenSSL takes nothing else as an anchor. Make the store with -CertificateAuthority, a PEM file that ends in the root.");
        return chain.AuthoritiesPem;
    }

    /// <summary>The bundle's file for them; the operator takes files that begin so (pkg/kustomize/kustomize.go), and Quay at its start (conf/init/certs_install.sh).</summary>
    public static string FileOf(RegistryStore destination) => $"extra_ca_cert_storage-{ServerOf(destination)?.Host.Trim('[', ']').Replace(':', '-')}.crt";

    private static Uri? ServerOf(RegistryStore destination) => destination.Address.Kind switch
    {
        StoreKind.S3 => destination.S3.Endpoint ?? DriverEndpoint.OfAws(destination.S3.Region ?? "us-east-1"),
        StoreKind.Swift => destination.Swift.AuthUrl,
        _ => null,
    };

    private static ClusterException Refused(string message) => new(ClusterErrorKind.Precondition, message);
}
