using System.Net;
using System.Net.Sockets;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Engine.Tests.Faults;
using RegistryMigration.Engine.Tests.Lab;
using RegistryMigration.Model;
using static RegistryMigration.Engine.Tests.Stores.S3.S3Lab;

namespace RegistryMigration.Engine.Tests.Stores.S3;

public sealed class S3ErrorsTests(LabFixture servers)
{
    private readonly S3Lab _lab = new(servers);

    [Theory]
    [InlineData(503, "SlowDown", StoreErrorKind.Throttled)]
    [InlineData(503, "ServiceUnavailable", StoreErrorKind.Throttled)]
    [InlineData(429, "TooManyRequests", StoreErrorKind.Throttled)]
    [InlineData(503, "", StoreErrorKind.Throttled)]
    [InlineData(500, "InternalError", StoreErrorKind.Transient)]
    [InlineData(502, "", StoreErrorKind.Transient)]
    [InlineData(504, "", StoreErrorKind.Transient)]
    [InlineData(400, "RequestTimeout", StoreErrorKind.Transient)]
    [InlineData(409, "ConditionalRequestConflict", StoreErrorKind.Transient)]
    [InlineData(409, "OperationAborted", StoreErrorKind.Transient)]
    [InlineData(403, "RequestTimeTooSkewed", StoreErrorKind.ClockSkew)]
    [InlineData(400, "ExpiredToken", StoreErrorKind.CredentialsExpired)]
    [InlineData(400, "TokenRefreshRequired", StoreErrorKind.CredentialsExpired)]
    [InlineData(403, "InvalidAccessKeyId", StoreErrorKind.Unauthenticated)]
    [InlineData(403, "SignatureDoesNotMatch", StoreErrorKind.Unauthenticated)]
    [InlineData(403, "AccessDenied", StoreErrorKind.Denied)]
    [InlineData(403, "", StoreErrorKind.Denied)]
    [InlineData(403, "QuotaExceeded", StoreErrorKind.Full)]
    [InlineData(400, "EntityTooLarge", StoreErrorKind.Full)]
    [InlineData(507, "", StoreErrorKind.Full)]
    [InlineData(405, "MethodNotAllowed", StoreErrorKind.ReadOnly)]
    [InlineData(400, "BadDigest", StoreErrorKind.Integrity)]
    [InlineData(400, "KeyTooLongError", StoreErrorKind.InvalidKey)]
    [InlineData(404, "NoSuchBucket", StoreErrorKind.NotFound)]
    [InlineData(400, "Whatever", StoreErrorKind.Other)]
    public async Task Answers_are_told_apart(int status, string code, StoreErrorKind kind)
    {
        await _lab.RequireAsync(S3Peer.Ceph);
        await using var proxy = FaultProxy.Start(_lab.Endpoint(S3Peer.Ceph));
        await using var store = await _lab.NewBucketAsync(S3Peer.Ceph, options => options.At(proxy.Uri));
        proxy.Rules.Add(new FaultRule { Fault = Fault.Answer(status, code.Length == 0 ? "<html>A proxy's page</html>" : $"<Error><Code>{code}</Code><Message>Said by the server.</Message></Error>", ("Retry-After", "7")), Times = int.MaxValue });
        foreach (var action in (Func<Task>[])[() => store.WriteAsync("key", Streaming(Bytes(10)), Cancellation), () => store.ReadAsync("key", 0, version: null, Cancellation), () => ListAllAsync(store)])
        {
            var failure = await FailsAsync(kind, action);
            Assert.Equal(status, failure.StatusCode);
            Assert.Equal(store.Name, failure.Store);
            Assert.Equal(TimeSpan.FromSeconds(7), failure.RetryAfter);
        }
    }

    [Fact]
    public async Task A_clock_that_is_wrong_is_measured()
    {
        await _lab.RequireAsync(S3Peer.Ceph);
        await using var proxy = FaultProxy.Start(_lab.Endpoint(S3Peer.Ceph));
        await using var store = await _lab.NewBucketAsync(S3Peer.Ceph, options => options.At(proxy.Uri));
        var server = TimeProvider.System.GetUtcNow().AddHours(-1);
        proxy.Rules.Add(new FaultRule { Fault = Fault.Answer(403, "<Error><Code>RequestTimeTooSkewed</Code></Error>", ("Date", server.ToString("R"))) });
        var failure = await FailsAsync(StoreErrorKind.ClockSkew, () => ListAllAsync(store));
        Assert.Matches(@"this machine is 36\d\d s ahead", failure.Message);
        Assert.False(failure.IsRetryable);
    }

    [Theory, CombinatorialPeers]
    public async Task Wrong_credentials_are_said_to_be_wrong_and_never_shown(S3Peer peer)
    {
        await _lab.RequireAsync(peer);
        await using var wrongSecret = _lab.Open(peer, NewName(), change: options => options.With(secretKey: "not-the-secret"));
        await using var unknown = _lab.Open(peer, NewName(), change: options => options.With(accessKey: "nobody:here", secretKey: "not-the-secret"));
        foreach (var store in new[] { wrongSecret, unknown })
        {
            foreach (var action in (Func<Task>[])[() => ListAllAsync(store), () => store.WriteAsync("key", Streaming(Bytes(10)), Cancellation), () => store.WriteAsync("key", Streaming(Bytes(2 * MiB)), Cancellation)])
            {
                var failure = await Assert.ThrowsAsync<StoreException>(action);
                Assert.True(failure.Kind is StoreErrorKind.Unauthenticated or StoreErrorKind.Denied, $"{failure.Kind}: {failure.Message}");
                Assert.DoesNotContain("not-the-secret", failure.ToString(), StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task Half_a_credential_and_an_unknown_profile_are_refused_at_once()
    {
        await _lab.RequireAsync(S3Peer.Ceph);
        var endpoint = _lab.Endpoint(S3Peer.Ceph);
        foreach (var options in (S3Options[])[new() { Endpoint = endpoint, AccessKey = "alone" }, new() { Endpoint = endpoint, Profile = "no-such-profile-" + NewName() }])
        {
            var failure = Assert.Throws<StoreException>(() => Engine.Stores.S3.S3Store.Create(StoreAddress.Parse("s3://bucket"), "", options, new TlsOptions(), new StoreContext()));
            Assert.Equal(StoreErrorKind.Unauthenticated, failure.Kind);
        }
    }

    [Fact]
    public async Task Nobody_at_the_address_is_unreachable()
    {
        using var closed = new TcpListener(IPAddress.Loopback, 0);
        closed.Start();
        var port = ((IPEndPoint)closed.LocalEndpoint).Port;
        closed.Stop();
        await _lab.RequireAsync(S3Peer.Ceph);
        foreach (var endpoint in (string[])[$"http://127.0.0.1:{port}", "http://no-such-host.invalid"])
        {
            await using var store = _lab.Open(S3Peer.Ceph, "bucket", change: options => options.At(new Uri(endpoint)));
            await FailsAsync(StoreErrorKind.Unreachable, () => ListAllAsync(store));
        }
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("PUT")]
    public async Task A_server_that_keeps_silent_is_given_up(string method)
    {
        await _lab.RequireAsync(S3Peer.Ceph);
        await using var proxy = FaultProxy.Start(_lab.Endpoint(S3Peer.Ceph));
        await using var store = await _lab.NewBucketAsync(S3Peer.Ceph, options => options.At(proxy.Uri), Impatient(stall: TimeSpan.FromMilliseconds(800), attempts: 1));
        proxy.Rules.Add(new FaultRule { Method = method, Fault = Fault.Stall(), Times = 2 });
        Func<Task> request = method == "GET" ? () => ListAllAsync(store) : () => store.WriteAsync("key", Streaming(Bytes(5 * MiB)), Cancellation);
        var failure = await FailsAsync(StoreErrorKind.Stalled, request);
        // The store repeats pages of a listing by itself; a write is for its caller to repeat.
        Assert.Equal(method == "PUT", failure.IsRetryable);
    }

    [Fact]
    public async Task A_listing_that_stops_in_its_middle_is_given_up()
    {
        await _lab.RequireAsync(S3Peer.Ceph);
        await using var proxy = FaultProxy.Start(_lab.Endpoint(S3Peer.Ceph));
        await using var store = await _lab.NewBucketAsync(S3Peer.Ceph, options => options.At(proxy.Uri), Impatient(stall: TimeSpan.FromMilliseconds(800), attempts: 1));
        await store.WriteAsync("key", Streaming(Bytes(10)), Cancellation);
        proxy.Rules.Add(new FaultRule { Method = "GET", Fault = Fault.StallResponse(100) });
        await FailsAsync(StoreErrorKind.Stalled, () => ListAllAsync(store));
        proxy.Rules.Add(new FaultRule { Method = "GET", Fault = Fault.CutResponse(100) });
        await FailsAsync(StoreErrorKind.Transient, () => ListAllAsync(store));
    }

    [Fact]
    public async Task A_slow_source_is_not_the_servers_silence()
    {
        await using var store = await _lab.NewBucketAsync(S3Peer.Ceph, context: Impatient(stall: TimeSpan.FromMilliseconds(500)));
        var bytes = Bytes(2_000);
        var content = new StoreContent(bytes.Length, _ => new ValueTask<Stream>(new SlowStream(bytes))) { Sha256 = Digest.OfSha256(bytes) };
        await store.WriteAsync("slow", content, Cancellation);
        Assert.Equal(bytes, await ReadAllAsync(store, "slow"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(500_000)]
    public async Task A_connection_that_is_reset_is_a_passing_failure_and_stores_nothing(int afterBytes)
    {
        await _lab.RequireAsync(S3Peer.Ceph);
        await using var proxy = FaultProxy.Start(_lab.Endpoint(S3Peer.Ceph));
        await using var store = await _lab.NewBucketAsync(S3Peer.Ceph, options => options.At(proxy.Uri));
        proxy.Rules.Add(new FaultRule { Method = "PUT", Fault = Fault.Reset(afterBytes) });
        await FailsAsync(StoreErrorKind.Transient, () => store.WriteAsync("key", Streaming(Bytes(1_000_000)), Cancellation));
        Assert.Null(await store.StatAsync("key", Cancellation));
    }

    private sealed class SlowStream(byte[] bytes) : MemoryStream(bytes, writable: false)
    {
        public override bool CanSeek => false;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(700), TimeProvider.System, cancellationToken);
            return await base.ReadAsync(buffer[..Math.Min(buffer.Length, 1_000)], cancellationToken);
        }
    }
}
