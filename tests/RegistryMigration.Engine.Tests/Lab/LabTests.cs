using System.Diagnostics;
using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace RegistryMigration.Engine.Tests.Lab;

/// <summary>The lab itself: its servers answer as the other tests expect.</summary>
public sealed class LabTests(LabFixture lab) : IDisposable
{
    private readonly HttpClient http = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ceph_answers_in_S3_and_Swift()
    {
        await lab.RequireAsync("ceph");
        Assert.Contains("ListAllMyBucketsResult", await http.GetStringAsync(lab.Ceph.Endpoint, Cancellation), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NoContent, await LogInAsync(lab.Ceph.Swift.AuthUrl, lab.Ceph.Swift.User, lab.Ceph.Swift.Key));
    }

    [Fact]
    public async Task Ceph_over_TLS_is_trusted_through_the_labs_CA_only()
    {
        await lab.RequireAsync("ceph");
        using var trusting = new HttpClient(TrustOnly(lab.Ceph.CaFile));
        using var response = await trusting.GetAsync(lab.Ceph.TlsEndpoint, Cancellation);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync(lab.Ceph.TlsEndpoint, Cancellation));
    }

    [Fact]
    public async Task Swift_knows_its_users()
    {
        await lab.RequireAsync("swift");
        Assert.Equal(HttpStatusCode.OK, await LogInAsync(lab.Swift.AuthUrl, lab.Swift.User, lab.Swift.Key));
        Assert.Equal(HttpStatusCode.OK, await LogInAsync(lab.Swift.AuthUrl, lab.Swift.Second.User, lab.Swift.Second.Key));
        Assert.Equal(HttpStatusCode.Unauthorized, await LogInAsync(lab.Swift.AuthUrl, lab.Swift.User, "wrong"));
    }

    [Fact]
    public async Task Swifts_reader_may_read_and_not_write()
    {
        await lab.RequireAsync("swift");
        var (storage, token) = await SwiftSessionAsync(lab.Swift.AuthUrl, lab.Swift.Reader.User, lab.Swift.Reader.Key);
        Assert.Equal(HttpStatusCode.NoContent, await SendAsync(HttpMethod.Head, storage, token));
        Assert.Equal(HttpStatusCode.Forbidden, await SendAsync(HttpMethod.Put, storage + "/not-allowed", token));
    }

    [Fact]
    public async Task Keystone_answers_and_its_Swift_refuses_strangers()
    {
        await lab.RequireAsync("swift-ks");
        Assert.Contains("v3.", await http.GetStringAsync(lab.Keystone.AuthUrl, Cancellation), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(HttpMethod.Get, lab.Keystone.StorageUrl.ToString(), "stranger"));
        Assert.True(File.Exists(lab.Keystone.CloudsFile));
    }

    [Theory]
    [InlineData("registry-fs")]
    [InlineData("registry-fs-ro")]
    [InlineData("registry-s3")]
    [InlineData("registry-s3swift")]
    [InlineData("registry-swift")]
    [InlineData("registry-swift-ks")]
    public async Task Registry_answers_on_its_backend(string name)
    {
        await lab.RequireAsync(name);
        Assert.Contains("repositories", await http.GetStringAsync(new Uri(lab.Registry(name), "v2/_catalog"), Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_registry_of_ones_own_starts_and_stops()
    {
        await using var registry = await lab.StartRegistryAsync("version: 0.1\nstorage: {inmemory: {}}\n");
        using (var response = await http.GetAsync(new Uri(registry.BaseUrl, "v2/"), Cancellation))
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await registry.DisposeAsync();
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync(registry.BaseUrl, Cancellation));
    }

    [Fact]
    public async Task A_broken_registry_configuration_is_an_error_that_shows_the_log()
    {
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => lab.StartRegistryAsync("version: 0.1\n"));
        Assert.Contains("no storage configuration", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lab_goes_when_its_owner_dies()
    {
        await lab.RequireAsync("tls");
        var state = Directory.CreateTempSubdirectory("lab-").FullName;
        using var owner = Process.Start("sleep", "600");
        string[] up = ["up", state, "--owner", $"{owner.Id}", "--delete", "registry-fs"];
        (await LabScript.RunAsync(up, new Dictionary<string, string>(), Cancellation)).EnsureSuccess();
        owner.Kill();
        var limit = Stopwatch.StartNew();
        while (Directory.Exists(state) && limit.Elapsed < TimeSpan.FromSeconds(20))
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Cancellation);
        Assert.False(Directory.Exists(state));
    }

    [Fact]
    public async Task A_small_disk_can_be_filled()
    {
        var disk = await lab.MountDiskAsync("full", 1);
        await Assert.ThrowsAsync<IOException>(() => File.WriteAllBytesAsync(Path.Combine(disk, "big"), new byte[2 << 20], Cancellation));
    }

    [Fact]
    public async Task Certificates_are_right_and_wrong_as_named()
    {
        await lab.RequireAsync("tls");
        Assert.True(Trusts(lab.Tls.CaFile, lab.Tls.Good.CertificateFile));
        Assert.False(Trusts(lab.Tls.CaFile, lab.Tls.Expired.CertificateFile));
        Assert.False(Trusts(lab.Tls.CaFile, lab.Tls.SelfSigned.CertificateFile));
        using var wrongHost = X509CertificateLoader.LoadCertificateFromFile(lab.Tls.WrongHost.CertificateFile);
        Assert.True(Trusts(lab.Tls.CaFile, lab.Tls.WrongHost.CertificateFile));
        Assert.False(wrongHost.MatchesHostname("127.0.0.1"));
    }

    [Fact]
    public async Task Two_labs_stand_side_by_side_with_settings_of_their_own()
    {
        await lab.RequireAsync("swift", "ceph");
        var settings = new Dictionary<string, string> { ["SWIFT_MAX_FILE_SIZE"] = "1048576", ["SWIFT_TOKEN_LIFE"] = "5" };
        await using var second = await lab.StartOwnLabAsync(settings, "swift", "ceph");
        Assert.NotEqual(lab.Ceph.Endpoint, second.Ceph.Endpoint);
        Assert.Equal(5, second.Swift.TokenLifeSeconds);
        Assert.Contains("\"max_file_size\": 1048576,", await http.GetStringAsync(SwiftInfo(second.Swift), Cancellation), StringComparison.Ordinal);
        Assert.Contains("\"max_file_size\": 5368709122,", await http.GetStringAsync(SwiftInfo(lab.Swift), Cancellation), StringComparison.Ordinal);
    }

    public void Dispose() => http.Dispose();

    private static Uri SwiftInfo(SwiftEndpoints swift) => new(swift.S3Endpoint, "info");

    private static SocketsHttpHandler TrustOnly(string caFile)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(X509CertificateLoader.LoadCertificateFromFile(caFile));
        return new SocketsHttpHandler { SslOptions = { CertificateChainPolicy = policy } };
    }

    private static bool Trusts(string caFile, string certificateFile)
    {
        using var certificate = X509CertificateLoader.LoadCertificateFromFile(certificateFile);
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.CustomTrustStore.Add(X509CertificateLoader.LoadCertificateFromFile(caFile));
        return chain.Build(certificate);
    }

    private async Task<HttpStatusCode> LogInAsync(Uri authUrl, string user, string key)
    {
        using var response = await RequestLoginAsync(authUrl, user, key);
        return response.StatusCode;
    }

    private async Task<(string Storage, string Token)> SwiftSessionAsync(Uri authUrl, string user, string key)
    {
        using var response = await RequestLoginAsync(authUrl, user, key);
        response.EnsureSuccessStatusCode();
        return (response.Headers.GetValues("X-Storage-Url").Single(), response.Headers.GetValues("X-Auth-Token").Single());
    }

    private async Task<HttpResponseMessage> RequestLoginAsync(Uri authUrl, string user, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, authUrl);
        request.Headers.Add("X-Auth-User", user);
        request.Headers.Add("X-Auth-Key", key);
        return await http.SendAsync(request, Cancellation);
    }

    private async Task<HttpStatusCode> SendAsync(HttpMethod method, string url, string token)
    {
        using var request = new HttpRequestMessage(method, url);
        request.Headers.Add("X-Auth-Token", token);
        using var response = await http.SendAsync(request, Cancellation);
        return response.StatusCode;
    }
}
