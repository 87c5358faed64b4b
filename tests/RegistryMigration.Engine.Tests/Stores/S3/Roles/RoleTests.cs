using System.Net;
using System.Net.Sockets;
using Amazon.Runtime;
using RegistryMigration.Engine.Http;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Engine.Stores.S3;
using RegistryMigration.Engine.Stores.S3.Roles;
using RegistryMigration.Engine.Sync;
using RegistryMigration.Engine.Tests.Faults;
using RegistryMigration.Engine.Tests.Lab;
using RegistryMigration.Engine.Tests.Support;
using RegistryMigration.Model;
using static RegistryMigration.Engine.Tests.Stores.S3.S3Lab;

namespace RegistryMigration.Engine.Tests.Stores.S3.Roles;

/// <summary>Copies by a role of Ceph's: its second user has no right to the first one's buckets, and the role that it may take on has.</summary>
public sealed class RoleTests(LabFixture servers)
{
    private const string Root = "docker/registry/v2";
    private readonly S3Lab _lab = new(servers);

    private CephEndpoints Ceph => _lab.Servers.Ceph;

    [Fact]
    public async Task A_role_reaches_what_its_user_does_not()
    {
        var address = await NewAddressAsync();
        await using (var alone = S3Store.Create(address, "", Options() with { RoleArn = null }, new TlsOptions(), Impatient()))
            await FailsAsync(StoreErrorKind.Denied, () => ListAllAsync(alone));

        // Over TLS with the lab's own authority, which STS is asked by as well.
        var sample = new FaultSample();
        await using var target = await Passes.OpenAsync(new RegistryStore(address) { Root = Root, S3 = Options() with { Endpoint = Ceph.TlsEndpoint, MultipartThreshold = 5 * MiB, PartSize = 5 * MiB }, Tls = new TlsOptions { CertificateAuthorityPath = Ceph.CaFile } });
        (await Passes.RunAsync(sample.Open(), target)).AssertCompleted();
        await Passes.AssertSameAsync(sample.Open(), target);

        // The server copies within itself for the role, too, and not between those whom it lets reach different things.
        await using var copy = S3Store.Create(address, "copy", Options() with { Endpoint = Ceph.TlsEndpoint }, new TlsOptions { CertificateAuthorityPath = Ceph.CaFile }, Impatient());
        Assert.True(copy.CanCopyFrom(((S3Store)target.Store)));
        await copy.CopyFromAsync(target.Store, FaultSample.LargeKey, "large", 11 * MiB, Cancellation);
        Assert.Equal(11 * MiB, (await copy.StatAsync("large", Cancellation))!.Value.Size);
        await using var other = S3Store.Create(address, "copy", Options() with { Endpoint = Ceph.TlsEndpoint, RoleArn = null }, new TlsOptions { CertificateAuthorityPath = Ceph.CaFile }, Impatient());
        Assert.False(other.CanCopyFrom(target.Store));
    }

    [Fact]
    public async Task Credentials_are_renewed_in_the_middle_of_a_pass_before_they_expire()
    {
        var address = await NewAddressAsync();
        var time = new ShiftedTime();
        await using var proxy = FaultProxy.Start(Ceph.Endpoint);
        // Sessions of six minutes: shorter than any that the server gives.
        var sessions = new FaultRule { Method = "POST", Target = target => target == "/", Fault = Fault.Rewrite(answer => Ending(answer, time.GetUtcNow().AddMinutes(6))), Times = int.MaxValue };
        proxy.Rules.Add(sessions);
        var sample = new FaultSample();
        var reads = 0;
        sample.Store.OnRead = (_, _) =>
        {
            // As far as the server takes a clock that is wrong.
            if (Interlocked.Increment(ref reads) == 5)
                time.Shift = TimeSpan.FromMinutes(2);
            return Task.CompletedTask;
        };
        await using var target = await StoreFactory.OpenAsync(new RegistryStore(address) { Root = Root, S3 = Options() with { Endpoint = proxy.Uri } }, Impatient(time: time), null, Cancellation);
        (await Passes.RunAsync(sample.Open(), target, Passes.Options() with { MaxConcurrency = 2 })).AssertCompleted();
        Assert.Equal(2, sessions.Met);
        // Each of the two was used, and nothing else.
        var tokens = proxy.Requests.Where(request => request.Target != "/").Select(request => request.Headers.Single(header => header.StartsWith("x-amz-security-token:", StringComparison.OrdinalIgnoreCase))).ToList();
        Assert.Equal(2, tokens.Distinct().Count());
        Assert.NotEqual(tokens[0], tokens[^1]);
        await Passes.AssertSameAsync(sample.Open(), target);
    }

    [Fact]
    public async Task What_a_server_calls_expired_is_not_used_again()
    {
        var address = await NewAddressAsync();
        await using var proxy = FaultProxy.Start(Ceph.Endpoint);
        var expired = new FaultRule { Method = "PUT", Fault = Fault.Answer(400, "<Error><Code>ExpiredToken</Code></Error>"), Skip = 6, Times = 1 };
        proxy.Rules.Add(expired);
        var sample = new FaultSample();
        await using var target = await Passes.OpenAsync(new RegistryStore(address) { Root = Root, S3 = Options() with { Endpoint = proxy.Uri } });
        (await new SyncPass(sample.Open(), target, Passes.Options(), new FastTime()).RunAsync(Cancellation)).AssertCompleted();
        Assert.Equal(1, expired.Met);
        Assert.Equal(2, proxy.Requests.Count(request => request is { Method: "POST", Target: "/" }));
        await Passes.AssertSameAsync(sample.Open(), target);
    }

    [Theory]
    [InlineData("user", "labaccess", "sts:AssumeRole")]
    [InlineData("role", "arn:aws:iam:::role/nobody", "Check the role's ARN")]
    [InlineData("text", "'mover' is no role", "arn:aws:iam::123456789012:role/registry")]
    [InlineData("secret", "secondaccess", "secret key")]
    [InlineData("service", "501", "serves STS")]
    [InlineData("answer", "without credentials", "serves STS")]
    public async Task A_role_that_may_not_be_taken_on_ends_a_pass_with_one_failure(string wrong, string told, string next)
    {
        var address = await NewAddressAsync();
        await using var proxy = FaultProxy.Start(Ceph.Endpoint);
        if (wrong is "service" or "answer")
            proxy.Rules.Add(new FaultRule { Method = "POST", Fault = wrong == "service" ? Fault.Answer(501, "<Error><Code>NotImplemented</Code></Error>") : Fault.Answer(200, "<ListAllMyBucketsResult/>"), Times = int.MaxValue });
        var options = wrong switch
        {
            "user" => Options() with { AccessKey = Ceph.AccessKey, SecretKey = new Secret(Ceph.SecretKey) },
            "role" => Options() with { RoleArn = "arn:aws:iam:::role/nobody" },
            "text" => Options() with { RoleArn = "mover" },
            "secret" => Options() with { SecretKey = new Secret("not-the-secret") },
            _ => Options() with { Endpoint = proxy.Uri },
        };
        var sample = new FaultSample();
        StoreException failure;
        if (wrong == "text")
        {
            failure = await FailsAsync(StoreErrorKind.Other, () => Passes.OpenAsync(new RegistryStore(address) { Root = Root, S3 = options }));
        }
        else
        {
            await using var target = await Passes.OpenAsync(new RegistryStore(address) { Root = Root, S3 = options });
            var result = await Passes.RunAsync(sample.Open(), target);
            result.AssertFailed(Party.Target, StoreErrorKind.Unauthenticated);
            failure = new StoreException(StoreErrorKind.Unauthenticated, Assert.Single(result.Failures).Message);
        }

        Assert.Contains(told, failure.Message, StringComparison.Ordinal);
        Assert.Contains(next, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("not-the-secret", failure.ToString(), StringComparison.Ordinal);
        Assert.Empty(sample.Store.Written);
    }

    [Fact]
    public async Task Nobody_at_the_address_of_STS_is_told_as_such()
    {
        using var closed = new TcpListener(IPAddress.Loopback, 0);
        closed.Start();
        var port = ((IPEndPoint)closed.LocalEndpoint).Port;
        closed.Stop();
        var options = new S3Options { Endpoint = new Uri($"http://127.0.0.1:{port}"), AccessKey = "access", SecretKey = new Secret("secret"), RoleArn = "arn:aws:iam:::role/mover" };
        await using var store = S3Store.Create(StoreAddress.Parse("s3://bucket"), "", options, new TlsOptions(), Impatient());
        foreach (var request in (Func<Task>[])[() => ListAllAsync(store), () => store.InitializeAsync(new Dictionary<string, string>(), Cancellation)])
        {
            var failure = await FailsAsync(StoreErrorKind.Unreachable, request);
            Assert.Contains("role/mover can't be taken on", failure.Message, StringComparison.Ordinal);
            Assert.Contains($"127.0.0.1:{port}", failure.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(null, "eu-west-1", "https://sts.eu-west-1.amazonaws.com")]
    [InlineData(null, "cn-north-1", "https://sts.cn-north-1.amazonaws.com.cn")]
    [InlineData("https://s3.eu-west-1.amazonaws.com", "eu-west-1", "https://sts.eu-west-1.amazonaws.com")]
    [InlineData("https://s3.amazonaws.com", null, "https://sts.us-east-1.amazonaws.com")]
    [InlineData("https://s3.example.org:8443/", null, "https://s3.example.org:8443")]
    [InlineData("http://amazonaws.com.example.org", "eu-west-1", "http://amazonaws.com.example.org")]
    public void STS_is_AWSs_of_the_region_or_the_servers_own(string? endpoint, string? region, string server)
    {
        using var http = new S3HttpClients(HttpHandlers.Create(new TlsOptions()), new StoreTraffic("s3"));
        using var sessions = RoleSessions.Create(new S3Options { Endpoint = endpoint is null ? null : new Uri(endpoint), RoleArn = "arn:aws:iam::1:role/r" }, new BasicAWSCredentials("access", "secret"), region, http, "s3://b", new StoreContext());
        Assert.Equal(server, sessions.Server);
    }

    [Fact]
    public async Task Another_machine_is_told_the_user_and_the_role_and_no_session()
    {
        var store = new RegistryStore("s3://images") { S3 = new S3Options { Endpoint = new Uri("http://127.0.0.1:9"), AccessKey = "access", SecretKey = new Secret("secret"), RoleArn = "arn:aws:iam:::role/mover", PartSize = 9 * MiB } };
        var told = (await ExplicitStore.OfAsync(store, Cancellation)).S3;
        Assert.Equal(("access", "secret", null, "arn:aws:iam:::role/mover", 9L * MiB), (told.AccessKey, told.SecretKey!.Reveal(), told.SessionToken, told.RoleArn, told.PartSize));
    }

    private S3Options Options() => new()
    {
        Endpoint = Ceph.Endpoint,
        Region = Ceph.Region,
        AccessKey = Ceph.Second.AccessKey,
        SecretKey = new Secret(Ceph.Second.SecretKey),
        RoleArn = Ceph.RoleArn,
    };

    // A bucket of the first user's.
    private async Task<StoreAddress> NewAddressAsync()
    {
        await using var store = await _lab.NewBucketAsync(S3Peer.Ceph);
        return StoreAddress.Parse(store.Name);
    }

    private static string Ending(string answer, DateTimeOffset end) =>
        System.Text.RegularExpressions.Regex.Replace(answer, "(?<=<Expiration>)[^<]*", end.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>The true time, and what was added to it.</summary>
    private sealed class ShiftedTime : TimeProvider
    {
        private long _shift;

        public TimeSpan Shift
        {
            set => Interlocked.Exchange(ref _shift, value.Ticks);
        }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Interlocked.Read(ref _shift));
    }
}
