using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace RegistryMigration.Lab.Cluster;

/// <summary>Whom Quay trusts when it speaks to a storage: the system's roots and the certificates of conf/init/certs_install.sh.</summary>
internal sealed class QuayTrust
{
    private readonly X509Certificate2Collection _extra = [];

    /// <summary>Takes <c>extra_ca*</c> beside the configuration, and the directory or file <c>extra_ca_certs</c>.</summary>
    public QuayTrust(string directory)
    {
        var files = Directory.Exists(directory) ? Directory.EnumerateFiles(directory, "extra_ca*").Order(StringComparer.Ordinal).ToList() : [];
        var folder = Path.Combine(directory, "extra_ca_certs");
        if (Directory.Exists(folder))
            files.AddRange(Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal));
        foreach (var file in files)
            _extra.ImportFromPem(File.ReadAllText(file));
    }

    /// <summary>As OpenSSL, and so Python: the chain ends at a certificate that signed itself.</summary>
    public bool Accepts(X509Certificate? certificate, X509Chain? sent, SslPolicyErrors errors) => Check(certificate, sent, errors, partial: false);

    /// <summary>As Go, and so config-tool: the chain ends at any certificate that is trusted.</summary>
    public bool AcceptsPartial(X509Certificate? certificate, X509Chain? sent, SslPolicyErrors errors) => Check(certificate, sent, errors, partial: true);

    private bool Check(X509Certificate? certificate, X509Chain? sent, SslPolicyErrors errors, bool partial)
    {
        if (errors == SslPolicyErrors.None)
            return true;
        if (certificate is not X509Certificate2 leaf || errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) || errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable))
            return false;
        using var chain = new X509Chain { ChainPolicy = { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck } };
        foreach (var element in sent?.ChainElements.Skip(1) ?? [])
            chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        foreach (var anchor in _extra)
            if (anchor.SubjectName.RawData.AsSpan().SequenceEqual(anchor.IssuerName.RawData))
                chain.ChainPolicy.CustomTrustStore.Add(anchor);
            else
                chain.ChainPolicy.ExtraStore.Add(anchor);
        if (chain.Build(leaf))
            return true;
        return partial && chain.ChainStatus.All(status => status.Status is X509ChainStatusFlags.PartialChain or X509ChainStatusFlags.UntrustedRoot)
            && chain.ChainElements.Any(element => _extra.Any(anchor => anchor.RawDataMemory.Span.SequenceEqual(element.Certificate.RawDataMemory.Span)));
    }
}
