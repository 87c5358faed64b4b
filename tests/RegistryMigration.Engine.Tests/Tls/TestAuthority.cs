using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RegistryMigration.Engine.Tests.Tls;

/// <summary>Certificates of one test: a root, one between, and the server's; and their forgeries.</summary>
internal sealed class TestAuthority : IDisposable
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();
    private readonly List<IDisposable> _owned = [];

    public TestAuthority(string suffix = "")
    {
        Root = Own(Request("CN=Test Root" + suffix, isAuthority: true).CreateSelfSigned(Now.AddDays(-1), Now.AddDays(30)));
        Between = Issue("CN=Test Between" + suffix, Root, isAuthority: true);
        Server = Issue("CN=server" + suffix, Between, isAuthority: false);
    }

    public X509Certificate2 Root { get; }

    public X509Certificate2 Between { get; }

    public X509Certificate2 Server { get; }

    /// <summary>A server's certificate that says it is signed by another authority, and is not.</summary>
    public static X509Certificate2 Forge(X509Certificate2 claimed)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var wrong = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return Sign(Request("CN=server", isAuthority: false, key), claimed.SubjectName, X509SignatureGenerator.CreateForECDsa(wrong), key);
    }

    public static string Hash(X509Certificate2 certificate) => Convert.ToHexStringLower(SHA256.HashData(certificate.RawData));

    public void Dispose() => _owned.ForEach(owned => owned.Dispose());

    private X509Certificate2 Issue(string subject, X509Certificate2 issuer, bool isAuthority)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var signer = issuer.GetECDsaPrivateKey()!;
        return Own(Sign(Request(subject, isAuthority, key), issuer.SubjectName, X509SignatureGenerator.CreateForECDsa(signer), key));
    }

    private static X509Certificate2 Sign(CertificateRequest request, X500DistinguishedName issuer, X509SignatureGenerator generator, ECDsa key)
    {
        using var signed = request.Create(issuer, generator, Now.AddHours(-1), Now.AddDays(20), RandomNumberGenerator.GetBytes(8));
        using var withKey = signed.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pfx), null, X509KeyStorageFlags.Exportable);
    }

    private CertificateRequest Request(string subject, bool isAuthority) => Request(subject, isAuthority, Own(ECDsa.Create(ECCurve.NamedCurves.nistP256)));

    private static CertificateRequest Request(string subject, bool isAuthority, ECDsa key)
    {
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, false, 0, true));
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        if (!isAuthority)
            request.CertificateExtensions.Add(names.Build());
        return request;
    }

    private T Own<T>(T owned)
        where T : IDisposable
    {
        _owned.Add(owned);
        return owned;
    }
}
