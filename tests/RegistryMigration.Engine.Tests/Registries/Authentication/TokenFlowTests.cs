using RegistryMigration.Engine.Registries.Proofs;
using RegistryMigration.Engine.Tests.Registries.StandIns;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Registries.Authentication;

/// <summary>Logging in the way each product wants it.</summary>
public sealed class TokenFlowTests : IAsyncDisposable
{
    private readonly StandInRegistry _registry = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("docker")]
    [InlineData("quay")]
    [InlineData("harbor")]
    [InlineData("openshift")]
    [InlineData("oauth")]
    public async Task Every_products_token_service_is_understood(string product)
    {
        var gate = Guard(TokenRealm.Named(product));
        var a = _registry.AddBlob("a/one", [1, 2, 3]);
        var b = _registry.AddBlob("b", [4]);
        using var client = _registry.Client("robot", "right");
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(3, await client.VerifyBlobAsync("a/one", a, 3, Cancellation));
            Assert.Equal(1, await client.VerifyBlobAsync("b", b, 1, Cancellation));
        }

        // One token per scope, kept; and after the first /v2/ no request is refused before it gets in.
        Assert.Equal(2, gate.Issued);
        Assert.Equal(1 + 2 + 6, _registry.Server.Requests.Count);
    }

    [Fact]
    public async Task A_mount_asks_for_both_repositories()
    {
        Guard(TokenRealm.DockerHub);
        var digest = _registry.AddBlob("from", [1]);
        _registry.Override = request => request.Method == "POST" ? new StandInResponse(201, null, ("Location", "/v2/to/blobs/x")) : null;
        using var client = _registry.Client("robot", "right");
        Assert.True(await client.MountBlobAsync("to", digest, "from", Cancellation));
        Assert.Equal(["repository:to:pull,push", "repository:from:pull"], _registry.Server.Requests.Single(r => r.Path == "/token").Query("scope"));
    }

    [Theory]
    [InlineData("docker")]
    // Its token service refuses scopes of anything but repositories.
    [InlineData("quay")]
    public async Task A_catalog_is_listed_whether_it_wants_a_scope_or_none(string product)
    {
        Guard(TokenRealm.Named(product));
        _registry.Override = request => request.Path == "/v2/_catalog" ? StandInResponse.Json(200, """{"repositories":["a/one"]}""") : null;
        using var client = _registry.Client("robot", "right");
        Assert.Equal(["a/one"], await client.ListRepositoriesAsync(Cancellation).ToListAsync(Cancellation));
    }

    [Fact]
    public async Task A_token_that_goes_stale_in_the_middle_is_renewed_once()
    {
        var gate = Guard(TokenRealm.Quay);
        var digest = _registry.AddBlob("a", [1]);
        using var client = _registry.Client("robot", "right");
        await client.VerifyBlobAsync("a", digest, 1, Cancellation);
        gate.Revoke();
        await client.VerifyBlobAsync("a", digest, 1, Cancellation);
        Assert.Equal(2, gate.Issued);
    }

    [Fact]
    public async Task A_token_is_renewed_before_it_expires()
    {
        var gate = Guard(TokenRealm.Harbor);
        var digest = _registry.AddBlob("a", [1]);
        var time = new SettableTime();
        using var client = _registry.Client("robot", "right", context: StandInRegistry.Impatient with { Time = time });
        await client.VerifyBlobAsync("a", digest, 1, Cancellation);
        time.Now += TimeSpan.FromMinutes(29);
        await client.VerifyBlobAsync("a", digest, 1, Cancellation);
        Assert.Equal(1, gate.Issued);
        time.Now += TimeSpan.FromSeconds(31);
        await client.VerifyBlobAsync("a", digest, 1, Cancellation);
        Assert.Equal(2, gate.Issued);
    }

    [Fact]
    public async Task Many_requests_at_once_share_one_token()
    {
        var gate = Guard(TokenRealm.DockerHub);
        var digest = _registry.AddBlob("a", [1]);
        using var client = _registry.Client("robot", "right");
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => client.VerifyBlobAsync("a", digest, 1, Cancellation)));
        Assert.Equal(1, gate.Issued);
    }

    [Theory]
    [InlineData("robot", "wr0ng-secret", "password")]
    [InlineData(null, null, "Give a user name")]
    public async Task Wrong_credentials_are_named_and_the_secret_is_not(string? user, string? password, string next)
    {
        Guard(TokenRealm.Harbor);
        using var client = _registry.Client(user, password);
        var error = await Assert.ThrowsAsync<StoreException>(() => client.VerifyBlobAsync("a", Digest.EmptySha256, 0, Cancellation));
        Assert.Equal((StoreErrorKind.Unauthenticated, 401), (error.Kind, error.StatusCode!.Value));
        Assert.Contains("incorrect username or password", error.Message, StringComparison.Ordinal);
        Assert.Contains(next, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wr0ng-secret", error.ToString(), StringComparison.Ordinal);
        Assert.Single(_registry.Server.Requests, r => r.Path == TokenRealm.Harbor.Path);
    }

    [Fact]
    public async Task A_token_given_by_hand_is_sent_as_it_is()
    {
        var digest = _registry.AddBlob("a", [1]);
        _registry.Gate = request => request.Path == "/v2/" || request.Authorization == "Bearer sha256~abc" ? null : StandInResponse.Error(401, "UNAUTHORIZED", "authentication required", ("Www-Authenticate", "Bearer realm=\"http://127.0.0.1:1/openshift/token\""));
        using (var client = _registry.Client(token: "sha256~abc"))
            Assert.Equal(1, await client.VerifyBlobAsync("a", digest, 1, Cancellation));
        using var stale = _registry.Client(token: "sha256~old");
        var error = await Assert.ThrowsAsync<StoreException>(() => stale.VerifyBlobAsync("a", digest, 1, Cancellation));
        Assert.Equal(StoreErrorKind.Unauthenticated, error.Kind);
        Assert.DoesNotContain("sha256~old", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_right_that_is_missing_is_denied_and_proves_nothing()
    {
        var gate = Guard(TokenRealm.DockerHub);
        _registry.Gate = request => gate.Check(request) ?? (request.Method == "POST"
            ? StandInResponse.Error(401, "UNAUTHORIZED", "access denied", ("Www-Authenticate", $"Bearer realm=\"{_registry.Server.Url}token\",service=\"registry.docker.io\",scope=\"repository:a:pull,push\",error=\"insufficient_scope\""))
            : null);
        using var client = _registry.Client("robot", "right");
        var result = await new PushProof(client, TimeProvider.System).ExpectRefusedAsync("a", Cancellation);
        Assert.Equal((false, WriteVerdict.Unproven), (result.Ok, result.Verdict));
        Assert.Contains("lacks the right repository:a:pull,push", result.Message, StringComparison.Ordinal);
        Assert.Contains("proves nothing", result.Message, StringComparison.Ordinal);
    }

    public ValueTask DisposeAsync() => _registry.DisposeAsync();

    private TokenGate Guard(TokenRealm realm)
    {
        var gate = new TokenGate(realm, _registry.Server.Url, "robot", "right");
        _registry.Gate = gate.Check;
        return gate;
    }

    private sealed class SettableTime : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = DateTimeOffset.UnixEpoch;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
