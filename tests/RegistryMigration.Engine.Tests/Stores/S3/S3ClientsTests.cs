using System.Net;
using System.Net.Sockets;
using System.Text;
using Amazon;
using RegistryMigration.Engine.Stores.S3;
using RegistryMigration.Engine.Tests.Faults;
using RegistryMigration.Engine.Tests.Lab;
using RegistryMigration.Model;
using static RegistryMigration.Engine.Tests.Stores.S3.S3Lab;

namespace RegistryMigration.Engine.Tests.Stores.S3;

/// <summary>Where credentials and addresses come from. Changes this process's environment, so it runs alone.</summary>
[CollectionDefinition(nameof(S3ClientsTests), DisableParallelization = true)]
[Collection(nameof(S3ClientsTests))]
public sealed class S3ClientsTests(LabFixture servers)
{
    private readonly S3Lab _lab = new(servers);

    [Fact]
    public async Task Keys_come_from_the_environment_or_a_profile_and_a_broken_bundle_does_not_matter()
    {
        await _lab.RequireAsync(S3Peer.Ceph);
        var ceph = _lab.Servers.Ceph;
        var folder = Directory.CreateTempSubdirectory();
        var credentials = Path.Combine(folder.FullName, "credentials");
        await File.WriteAllTextAsync(credentials, $"[lab]\naws_access_key_id = {ceph.AccessKey}\naws_secret_access_key = {ceph.SecretKey}\n", Cancellation);
        var variables = new Dictionary<string, string?>
        {
            ["AWS_EC2_METADATA_DISABLED"] = "true",
            ["AWS_CA_BUNDLE"] = "/nonexistent/bundle.pem",
            ["AWS_MAX_ATTEMPTS"] = "9",
            ["AWS_REQUEST_CHECKSUM_CALCULATION"] = "when_supported",
            ["AWS_ACCESS_KEY_ID"] = null,
            ["AWS_SECRET_ACCESS_KEY"] = null,
        };
        using var environment = new ChangedEnvironment(variables);

        await using (var nobody = Open(new S3Options { Endpoint = ceph.TlsEndpoint }, ceph.CaFile))
            await FailsAsync(StoreErrorKind.Unauthenticated, () => ListAllAsync(nobody));
        // The SDK reads AWS_SHARED_CREDENTIALS_FILE once per process, which is too early for a test.
        AWSConfigs.AWSProfilesLocation = credentials;
        await WorksAsync(Open(new S3Options { Endpoint = ceph.TlsEndpoint, Profile = "lab" }, ceph.CaFile));
        AWSConfigs.AWSProfilesLocation = null;

        Environment.SetEnvironmentVariable("AWS_ACCESS_KEY_ID", ceph.AccessKey);
        Environment.SetEnvironmentVariable("AWS_SECRET_ACCESS_KEY", ceph.SecretKey);
        await WorksAsync(Open(new S3Options { Endpoint = ceph.TlsEndpoint }, ceph.CaFile));
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_session_token_is_sent_and_an_expired_one_is_told()
    {
        await _lab.RequireAsync(S3Peer.Ceph);
        await using var proxy = FaultProxy.Start(_lab.Endpoint(S3Peer.Ceph));
        await using var store = _lab.Open(S3Peer.Ceph, "bucket", change: options => options.With(endpoint: proxy.Uri, sessionToken: "the-token"));
        proxy.Rules.Add(new FaultRule { Fault = Fault.Answer(400, "<Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message></Error>") });
        var failure = await FailsAsync(StoreErrorKind.CredentialsExpired, () => ListAllAsync(store));
        Assert.DoesNotContain("the-token", failure.ToString(), StringComparison.Ordinal);
        Assert.Contains(proxy.Requests.Single().Headers, header => header.Equals("x-amz-security-token: the-token", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task The_bucket_is_in_the_host_name_where_that_is_asked_for()
    {
        await _lab.RequireAsync(S3Peer.Ceph);
        var ceph = _lab.Servers.Ceph;
        var bucket = NewName();
        try
        {
            await Dns.GetHostAddressesAsync(bucket + ".localhost", Cancellation);
        }
        catch (SocketException)
        {
            Assert.Skip("names below localhost do not resolve on this machine");
        }

        var options = new S3Options { Endpoint = new UriBuilder(ceph.Endpoint) { Host = "localhost" }.Uri, PathStyle = false, AccessKey = ceph.AccessKey, SecretKey = new Secret(ceph.SecretKey) };
        await WorksAsync(S3Store.Create(StoreAddress.InContainer(StoreKind.S3, bucket), "", options, new TlsOptions(), Impatient()));
        await using var byPath = _lab.Open(S3Peer.Ceph, bucket);
        Assert.Single(await ListAllAsync(byPath));
    }

    [Theory]
    [InlineData(null, "http://no-such-host.invalid", "no-such-host.invalid:80")]
    [InlineData(true, "http://no-such-host.invalid", "no-such-host.invalid:80")]
    [InlineData(false, "http://no-such-host.invalid", "bucket.no-such-host.invalid:80")]
    public async Task An_endpoint_of_ones_own_has_buckets_in_the_path_unless_told_otherwise(bool? pathStyle, string endpoint, string host)
    {
        var options = new S3Options { Endpoint = new Uri(endpoint), PathStyle = pathStyle, AccessKey = "access", SecretKey = new Secret("secret") };
        await using var store = S3Store.Create(StoreAddress.Parse("s3://bucket"), "", options, new TlsOptions(), Impatient());
        var failure = await FailsAsync(StoreErrorKind.Unreachable, () => ListAllAsync(store));
        Assert.Contains($"({host})", failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_small_object_leaves_in_one_piece()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var options = new S3Options { Endpoint = new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}"), AccessKey = "access", SecretKey = new Secret("secret") };
        await using var store = S3Store.Create(StoreAddress.Parse("s3://bucket"), "", options, new TlsOptions(), Impatient());
        var body = Encoding.ASCII.GetBytes("sha256:" + new string('f', 64));
        var writing = store.WriteAsync("link", new Engine.Stores.StoreContent(body), Cancellation);

        using var client = await listener.AcceptSocketAsync(Cancellation);
        var buffer = new byte[16_384];
        var first = await client.ReceiveAsync(buffer, Cancellation);
        Assert.EndsWith(Encoding.ASCII.GetString(body), Encoding.ASCII.GetString(buffer, 0, first), StringComparison.Ordinal);
        await client.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), Cancellation);
        await writing;
    }

    private static S3Store Open(S3Options options, string authority) =>
        S3Store.Create(StoreAddress.InContainer(StoreKind.S3, NewName()), "", options, new TlsOptions { CertificateAuthorityPath = authority }, Impatient());

    private static async Task WorksAsync(S3Store store)
    {
        await using (store)
        {
            await store.InitializeAsync(new Dictionary<string, string>(), Cancellation);
            await store.WriteAsync("key", Streaming(Bytes(100)), Cancellation);
            Assert.Equal(Bytes(100), await ReadAllAsync(store, "key"));
        }
    }

    private sealed class ChangedEnvironment : IDisposable
    {
        private readonly Dictionary<string, string?> _before = [];

        public ChangedEnvironment(Dictionary<string, string?> variables)
        {
            foreach (var (name, value) in variables)
            {
                _before[name] = Environment.GetEnvironmentVariable(name);
                Environment.SetEnvironmentVariable(name, value);
            }
        }

        public void Dispose()
        {
            foreach (var (name, value) in _before)
                Environment.SetEnvironmentVariable(name, value);
        }
    }
}
