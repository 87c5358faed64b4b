namespace RegistryMigration.Model;

/// <summary>A certificate of a server's chain.</summary>
public sealed record TlsCertificate
{
    /// <summary>Whom it is for.</summary>
    public required string Subject { get; init; }

    /// <summary>Who signed it.</summary>
    public required string Issuer { get; init; }

    /// <summary>SHA-256 of the certificate, as hex in lower case without colons.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>Valid from (UTC).</summary>
    public required DateTimeOffset NotBefore { get; init; }

    /// <summary>Valid until (UTC).</summary>
    public required DateTimeOffset NotAfter { get; init; }

    /// <summary>Signed by itself: what a chain can be anchored in.</summary>
    public bool IsRoot => Subject == Issuer;

    /// <summary>The server sent it; where it did not, it was found in the trust store.</summary>
    public bool WasSent { get; init; }

    /// <summary>The certificate as PEM, with a line end.</summary>
    public required string Pem { get; init; }

    /// <summary>Subject and end of validity.</summary>
    public override string ToString() => FormattableString.Invariant($"{Subject}, until {NotAfter:u}");
}

/// <summary>The certificates with which a server shows who it is, from its own to the root.</summary>
public sealed record TlsCertificateChain
{
    /// <summary>Host and port.</summary>
    public required string Server { get; init; }

    /// <summary>The server's own first.</summary>
    public required IReadOnlyList<TlsCertificate> Certificates { get; init; }

    /// <summary>Verified against the trust store (or the authorities given): signatures, times and the host's name.</summary>
    public bool IsVerified => VerifiedBy is not null;

    /// <summary>What it was verified against: the system's trust store, or the file of authorities; null where it was not.</summary>
    public string? VerifiedBy { get; init; }

    /// <summary>The given fingerprint is that of a certificate of the chain.</summary>
    public bool IsPinned { get; init; }

    /// <summary>What speaks against the chain; empty where nothing does.</summary>
    public IReadOnlyList<string> Problems { get; init; } = [];

    /// <summary>Ends in a certificate that is signed by itself, so that a client which trusts these certificates alone accepts the server (OpenSSL takes no other anchor).</summary>
    public bool IsComplete => Certificates.Count > 0 && Certificates[^1].IsRoot;

    /// <summary>All but the server's own (which goes in where it is the root itself), as one PEM file to trust.</summary>
    public string AuthoritiesPem => string.Concat(Certificates.Where((certificate, index) => index > 0 || certificate.IsRoot).Select(certificate => certificate.Pem));

    /// <summary>What is missing for <see cref="AuthoritiesPem"/> to be enough, and how to give it; null where nothing is.</summary>
    public string? IncompleteNotice() => IsComplete || Certificates.Count == 0 ? null
        : $"The root '{Certificates[^1].Issuer}' of {Server} was not sent and is not known here, and OpenSSL trusts no chain without it. Get its PEM file from whoever runs the server, and give it with -CertificateAuthority.";

    /// <summary>The server.</summary>
    public override string ToString() => Server;
}
