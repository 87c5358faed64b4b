using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Engine.Tests.Lab;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Faults;

/// <summary>A certificate that is not accepted ends opening and pass at once, on either side.</summary>
public sealed class TlsTests(LabFixture lab)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(StoreKind.S3)]
    [InlineData(StoreKind.Swift)]
    public async Task An_unknown_authority_is_refused_and_a_given_one_trusted(StoreKind kind)
    {
        await lab.RequireAsync("ceph");
        var (endpoint, trusted) = (kind == StoreKind.S3 ? lab.Ceph.TlsEndpoint : lab.Ceph.Swift.TlsAuthUrl, new TlsOptions { CertificateAuthorityPath = lab.Ceph.CaFile });
        var container = "tls-" + Guid.NewGuid().ToString("n");
        await AssertRefusedAsync(Define(kind, endpoint, container, new TlsOptions()));
        var good = Define(kind, endpoint, container, trusted);
        await using (var bare = StoreFactory.Connect(good, "", new StoreContext()))
            await bare.InitializeAsync(new Dictionary<string, string>(), Token);
        var sample = new FaultSample();
        await using var target = await Passes.OpenAsync(good);
        // radosgw's Swift API takes more than the stall time-out of these tests for what it does with segments.
        (await Passes.RunAsync(sample.Open(), target, new SyncOptions())).AssertCompleted();
        await Passes.AssertSameAsync(sample.Open(), target);
    }

    [Theory]
    [InlineData(StoreKind.S3, "expired")]
    [InlineData(StoreKind.S3, "wrong host")]
    [InlineData(StoreKind.S3, "self-signed")]
    [InlineData(StoreKind.Swift, "expired")]
    [InlineData(StoreKind.Swift, "wrong host")]
    [InlineData(StoreKind.Swift, "self-signed")]
    public async Task A_certificate_that_is_wrong_is_refused(StoreKind kind, string how)
    {
        await lab.RequireAsync("ceph", "tls");
        var files = how switch { "expired" => lab.Tls.Expired, "wrong host" => lab.Tls.WrongHost, _ => lab.Tls.SelfSigned };
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var bytes = 0;
        var serving = ServeAsync(listener, files, read => Interlocked.Add(ref bytes, read), stop.Token);
        var endpoint = new Uri($"https://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/auth/v1.0");
        await AssertRefusedAsync(Define(kind, endpoint, "bucket", new TlsOptions { CertificateAuthorityPath = lab.Tls.CaFile }));
        await stop.CancelAsync();
        await serving;
        Assert.Equal(0, bytes);
    }

    private static async Task AssertRefusedAsync(RegistryStore definition)
    {
        var opening = await Assert.ThrowsAsync<StoreException>(() => Passes.OpenAsync(definition));
        Assert.Equal(StoreErrorKind.Certificate, opening.Kind);
        Assert.Contains("-CertificateAuthority", opening.Message, StringComparison.Ordinal);
        var sample = new FaultSample();
        var given = new RegistryStore(definition.Address) { Root = "docker/registry/v2", S3 = definition.S3, Swift = definition.Swift, Tls = definition.Tls };
        await using var store = await Passes.OpenAsync(given);
        foreach (var (source, target, party) in new[] { (sample.Open(), store, Party.Target), (store, sample.Open(), Party.Source) })
        {
            var result = await Passes.RunAsync(source, target);
            result.AssertFailed(party, StoreErrorKind.Certificate);
            Assert.Contains("-CertificateAuthority", Assert.Single(result.Failures).Message, StringComparison.Ordinal);
            Assert.Equal(0, result.Copied + result.SourceTraffic.Retries + result.DestinationTraffic.Retries);
        }
    }

    private RegistryStore Define(StoreKind kind, Uri endpoint, string container, TlsOptions tls) => new(StoreAddress.InContainer(kind, container))
    {
        S3 = kind == StoreKind.S3
            ? new S3Options { Endpoint = new Uri(endpoint.GetLeftPart(UriPartial.Authority)), Region = lab.Ceph.Region, AccessKey = lab.Ceph.AccessKey, SecretKey = new Secret(lab.Ceph.SecretKey) }
            : new S3Options(),
        Swift = kind == StoreKind.Swift ? new SwiftOptions { AuthUrl = endpoint, AuthVersion = 1, UserName = lab.Ceph.Swift.User, Password = new Secret(lab.Ceph.Swift.Key) } : new SwiftOptions(),
        Tls = tls,
    };

    private static async Task ServeAsync(TcpListener listener, LabCertificate files, Action<int> onRead, CancellationToken cancellationToken)
    {
        using var certificate = X509Certificate2.CreateFromPemFile(files.CertificateFile, files.KeyFile);
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                using var client = await listener.AcceptTcpClientAsync(cancellationToken);
                await using var stream = new SslStream(client.GetStream());
                await stream.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, cancellationToken);
                onRead(await stream.ReadAsync(new byte[1], cancellationToken));
            }
            catch (Exception e) when (e is AuthenticationException or IOException or OperationCanceledException)
            {
                // The client has hung up, as it should.
            }
        }
    }
}
