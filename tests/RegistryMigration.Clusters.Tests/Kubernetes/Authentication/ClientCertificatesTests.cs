using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RegistryMigration.Clusters.Kubernetes.Authentication;
using RegistryMigration.Clusters.Tests.Support;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Tests.Kubernetes.Authentication;

public sealed class ClientCertificatesTests
{
    [Fact]
    public void Rsa_and_ec_keys_are_read_in_every_usual_form()
    {
        using var rsa = RSA.Create(2048);
        using var ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = DateTimeOffset.UnixEpoch.AddYears(56);
        using var ofRsa = new CertificateRequest("CN=me", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSelfSigned(now, now.AddDays(1));
        using var ofEc = new CertificateRequest("CN=me", ec, HashAlgorithmName.SHA256).CreateSelfSigned(now, now.AddDays(1));

        foreach (var (certificate, key) in new[] { (ofRsa, rsa.ExportRSAPrivateKeyPem()), (ofRsa, rsa.ExportPkcs8PrivateKeyPem()), (ofEc, ec.ExportECPrivateKeyPem()), (ofEc, ec.ExportPkcs8PrivateKeyPem()) })
            Assert.True(ClientCertificates.Load(certificate.ExportCertificatePem(), new Secret(key), "user 'u'").TargetCertificate.HasPrivateKey);

        var loaded = ClientCertificates.Load(ofEc.ExportCertificatePem(), new Secret(ec.ExportECPrivateKeyPem()), "user 'u'");
        var time = new ManualTime();
        Assert.Null(ClientCertificates.Fault(loaded, time));
        time.Advance(TimeSpan.FromDays(1));
        Assert.StartsWith("The client certificate expired on 2026-01-02", ClientCertificates.Fault(loaded, time), StringComparison.Ordinal);
        time.Advance(TimeSpan.FromDays(-2));
        Assert.StartsWith("The client certificate is not valid before 2026-01-01", ClientCertificates.Fault(loaded, time), StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_of_something_else_is_refused_without_showing_it()
    {
        using var one = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = DateTimeOffset.UnixEpoch.AddYears(56);
        using var certificate = new CertificateRequest("CN=me", one, HashAlgorithmName.SHA256).CreateSelfSigned(now, now.AddDays(1));
        var error = Assert.Throws<ClusterException>(() => ClientCertificates.Load(certificate.ExportCertificatePem(), new Secret(other.ExportECPrivateKeyPem()), "user 'u'"));
        Assert.Equal(ClusterErrorKind.Configuration, error.Kind);
        Assert.DoesNotContain("PRIVATE KEY", error.ToString(), StringComparison.Ordinal);
        Assert.Throws<ClusterException>(() => ClientCertificates.Load("nonsense", new Secret("s3cret"), "user 'u'"));
    }
}
