namespace RegistryMigration.Model;

/// <summary>Whom to trust on https.</summary>
public sealed class TlsOptions
{
    /// <summary>A PEM file with certificate authorities to trust besides the system's.</summary>
    public string? CertificateAuthorityPath { get; init; }

    /// <summary>Trust anybody. Loud: the caller warns on every use.</summary>
    public bool SkipCertificateCheck { get; init; }
}
