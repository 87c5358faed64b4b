using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using RegistryMigration.Engine.Tests.Lab;
using RegistryMigration.Model;
using static RegistryMigration.Engine.Tests.Stores.S3.S3Lab;

namespace RegistryMigration.Engine.Tests.Stores.S3;

public sealed class S3TlsTests(LabFixture servers)
{
    private readonly S3Lab _lab = new(servers);

    [Fact]
    public async Task A_private_authority_is_trusted_where_it_is_given()
    {
        await _lab.RequireAsync(S3Peer.Ceph);
        var ceph = _lab.Servers.Ceph;
        await using var store = _lab.Open(S3Peer.Ceph, NewName(), change: options => options.At(ceph.TlsEndpoint), tls: new TlsOptions { CertificateAuthorityPath = ceph.CaFile });
        await store.InitializeAsync(new Dictionary<string, string>(), Cancellation);
        var bytes = Bytes(2 * MiB);
        await store.WriteAsync("key", Streaming(bytes), Cancellation);
        Assert.Equal(bytes, await ReadAllAsync(store, "key"));

        await using var careless = _lab.Open(S3Peer.Ceph, store.Name["s3://".Length..], change: options => options.At(ceph.TlsEndpoint), tls: new TlsOptions { SkipCertificateCheck = true });
        Assert.Single(await ListAllAsync(careless));
        await using var strict = _lab.Open(S3Peer.Ceph, store.Name["s3://".Length..], change: options => options.At(ceph.TlsEndpoint));
        await FailsAsync(StoreErrorKind.Certificate, () => ListAllAsync(strict));
    }

    [Theory]
    [InlineData("expired")]
    [InlineData("wrong host")]
    [InlineData("self-signed")]
    public async Task A_certificate_that_is_wrong_is_refused(string how)
    {
        await _lab.Servers.RequireAsync("ceph", "tls");
        var files = _lab.Servers.Tls;
        var wrong = how switch { "expired" => files.Expired, "wrong host" => files.WrongHost, _ => files.SelfSigned };
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = ServeAsync(listener, wrong);
        var endpoint = new Uri($"https://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");
        await using var store = _lab.Open(S3Peer.Ceph, "bucket", change: options => options.At(endpoint), tls: new TlsOptions { CertificateAuthorityPath = files.CaFile });
        var failure = await FailsAsync(StoreErrorKind.Certificate, () => ListAllAsync(store));
        Assert.Contains("certificate", failure.Message, StringComparison.OrdinalIgnoreCase);
        await serving;
    }

    private static async Task ServeAsync(TcpListener listener, LabCertificate files)
    {
        using var client = await listener.AcceptTcpClientAsync(Cancellation);
        using var certificate = X509Certificate2.CreateFromPemFile(files.CertificateFile, files.KeyFile);
        await using var stream = new SslStream(client.GetStream());
        try
        {
            await stream.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, Cancellation);
            Assert.Equal(0, await stream.ReadAsync(new byte[1], Cancellation));
        }
        catch (Exception e) when (e is AuthenticationException or IOException)
        {
            // The client has hung up, as it should.
        }
    }
}
