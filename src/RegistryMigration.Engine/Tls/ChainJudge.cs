using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RegistryMigration.Engine.Http;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tls;

/// <summary>Completes what a server sent to a chain, and says what speaks for it and against it.</summary>
/// <param name="server">Host and port, for messages.</param>
/// <param name="host">Whom the certificate has to be for.</param>
/// <param name="authorities">Whom to trust besides the system's.</param>
/// <param name="authoritiesName">Where those come from; null where there are none.</param>
/// <param name="fingerprint">What a certificate of the chain has to have; null for nothing.</param>
internal sealed class ChainJudge(string server, string host, X509Certificate2Collection authorities, string? authoritiesName, string? fingerprint)
{
    // What a pin replaces: knowing the root. All else, such as a signature that is wrong, speaks against a pinned chain as well.
    private const X509ChainStatusFlags Unknown = X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain;

    /// <summary>Host and port.</summary>
    public string Server => server;

    /// <summary>The chain of a handshake.</summary>
    public TlsCertificateChain Judge(X509Certificate certificate, X509Chain? presented, SslPolicyErrors errors)
    {
        using var leaf = new X509Certificate2(certificate);
        using var anchored = ServerTrust.AnchoredIn(authorities, presented);
        var bySystem = errors == SslPolicyErrors.None;
        var byAuthorities = !bySystem && authorities.Count > 0 && ServerTrust.Accepts(certificate, presented, errors, authorities, only: false);
        var isAnchored = anchored.Build(leaf);
        var chain = isAnchored || presented is null ? anchored
            : !errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors) || presented.ChainElements.Count >= anchored.ChainElements.Count ? presented
            : anchored;
        var certificates = Describe(chain, leaf, presented);
        var flags = chain.ChainElements.SelectMany(element => element.ChainElementStatus).Aggregate(X509ChainStatusFlags.NoError, (all, status) => all | status.Status);
        var isForHost = !errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch);
        // The server's own certificate stands for itself, whatever it says. One that signed it says nothing unless signatures, times and name are right.
        var pinned = fingerprint is null ? null : certificates.FirstOrDefault(candidate => candidate.Fingerprint == fingerprint);
        var isPinned = pinned is not null && (ReferenceEquals(pinned, certificates[0]) || (isForHost && (flags & ~Unknown) == X509ChainStatusFlags.NoError));
        var problems = new List<string>();
        if (!isForHost)
            problems.Add($"It is for {Names(leaf)}, not for {host}.");
        if (!bySystem && !byAuthorities)
            problems.AddRange(chain.ChainElements.SelectMany(element => element.ChainElementStatus.Select(status => Tell(element.Certificate, status))));
        if (fingerprint is not null && pinned is null)
            problems.Add($"None of its certificates has the fingerprint {fingerprint}.");
        return new TlsCertificateChain
        {
            Server = server,
            Certificates = certificates,
            VerifiedBy = bySystem ? "the system's trust store" : byAuthorities ? authoritiesName : null,
            IsPinned = isPinned,
            Problems = [.. problems.Distinct(StringComparer.Ordinal)],
        };
    }

    private static TlsCertificate[] Describe(X509Chain chain, X509Certificate2 leaf, X509Chain? presented)
    {
        var sent = new HashSet<string>(StringComparer.Ordinal) { Hash(leaf) };
        foreach (var certificate in presented?.ChainPolicy.ExtraStore ?? [])
            sent.Add(Hash(certificate));
        return [.. chain.ChainElements.Select(element => Describe(element.Certificate, sent))];
    }

    private static TlsCertificate Describe(X509Certificate2 certificate, HashSet<string> sent) => new()
    {
        Subject = certificate.Subject,
        Issuer = certificate.Issuer,
        Fingerprint = Hash(certificate),
        NotBefore = new DateTimeOffset(certificate.NotBefore).ToUniversalTime(),
        NotAfter = new DateTimeOffset(certificate.NotAfter).ToUniversalTime(),
        WasSent = sent.Contains(Hash(certificate)),
        Pem = certificate.ExportCertificatePem() + "\n",
    };

    private static string Tell(X509Certificate2 certificate, X509ChainStatus status) => status.Status switch
    {
        X509ChainStatusFlags.UntrustedRoot => $"Its root '{certificate.Subject}' is not trusted here.",
        X509ChainStatusFlags.PartialChain => $"'{certificate.Issuer}', which signed '{certificate.Subject}', was not sent and is not known here: give its certificate, and those above it up to the root, as authorities.",
        X509ChainStatusFlags.NotSignatureValid => $"The signature on '{certificate.Subject}' is not by '{certificate.Issuer}'.",
        X509ChainStatusFlags.NotTimeValid => FormattableString.Invariant($"'{certificate.Subject}' is valid from {certificate.NotBefore.ToUniversalTime():u} to {certificate.NotAfter.ToUniversalTime():u} only."),
        _ => $"'{certificate.Subject}': {status.StatusInformation.Trim()}",
    };

    private static string Names(X509Certificate2 certificate)
    {
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>()
            .SelectMany(extension => extension.EnumerateDnsNames().Concat(extension.EnumerateIPAddresses().Select(address => address.ToString()))).ToArray();
        return names.Length > 0 ? string.Join(", ", names) : $"'{certificate.Subject}'";
    }

    private static string Hash(X509Certificate2 certificate) => certificate.GetCertHashString(HashAlgorithmName.SHA256).ToLowerInvariant();
}
