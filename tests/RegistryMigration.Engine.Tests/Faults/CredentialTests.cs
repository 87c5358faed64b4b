using System.Collections.Concurrent;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Engine.Sync;
using RegistryMigration.Engine.Tests.Lab;
using RegistryMigration.Engine.Tests.Stores.Swift;
using RegistryMigration.Engine.Tests.Support;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Faults;

/// <summary>Credentials that are wrong, that expire in the middle of a pass, and stores that are not there.</summary>
public sealed class CredentialTests(LabFixture lab)
{
    private const string Root = "docker/registry/v2";
    private static readonly Fault Expired = Fault.Answer(400, "<Error><Code>ExpiredToken</Code></Error>");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("PUT")]
    [InlineData("GET")]
    public async Task An_expired_token_pauses_the_pass_until_it_is_good_again(string method)
    {
        var sample = new FaultSample();
        await using var space = await FaultSpace.CreateAsync(lab, StoreKind.S3);
        if (method == "GET")
            await space.FillAsync(sample);
        await using var faulty = await space.OpenAsync();
        await using var memory = new MemoryStore { Name = "other" };
        var (source, target) = method == "GET" ? (faulty, memory.Open()) : (sample.Open(), faulty);
        var expired = space.Inject(Expired, method, times: 20, skip: 4);
        var warnings = new ConcurrentQueue<string>();
        // Five seconds of waiting are five milliseconds here.
        var result = await new SyncPass(source, target, Passes.Options(), new FastTime()) { Warning = warnings.Enqueue }.RunAsync(Token);
        result.AssertCompleted();
        Assert.Equal(20, expired.Met);
        Assert.Contains(warnings, warning => warning.StartsWith("Paused: The credentials for", StringComparison.Ordinal));
        Assert.Contains(warnings, warning => warning.StartsWith("Credentials are valid again", StringComparison.Ordinal));
        await Passes.AssertSameAsync(sample.Open(), target);
    }

    [Theory]
    [InlineData("PUT", Party.Target)]
    [InlineData("GET", Party.Source)]
    public async Task A_token_that_stays_expired_fails_the_pass_after_the_pause(string method, Party party)
    {
        var sample = new FaultSample();
        await using var space = await FaultSpace.CreateAsync(lab, StoreKind.S3);
        if (method == "GET")
            await space.FillAsync(sample);
        await using var faulty = await space.OpenAsync();
        await using var memory = new MemoryStore { Name = "other" };
        var (source, target) = method == "GET" ? (faulty, memory.Open()) : (sample.Open(), faulty);
        space.Inject(Expired, method, skip: 8);
        var result = await Passes.RunAsync(source, target, Passes.Options() with { CredentialPause = TimeSpan.FromMilliseconds(300) });
        result.AssertFailed(party, StoreErrorKind.CredentialsExpired);
        Assert.Contains("Give new ones", result.Failures[0].Message, StringComparison.Ordinal);
        Assert.InRange(result.Duration, TimeSpan.FromMilliseconds(300), TimeSpan.FromSeconds(20));
        space.Proxy.Rules.Clear();
        await Passes.AssertHarmlessAsync(target);
        await Passes.AssertResumesAsync(source, target);
    }

    [Fact]
    public async Task A_second_expiry_is_waited_for_as_long_as_the_first()
    {
        var sample = new FaultSample();
        var limit = TimeSpan.FromMilliseconds(200);
        var expired = new ConcurrentDictionary<string, byte>();
        await using var target = new MemoryStore { Name = "target" };
        (await Passes.RunAsync(sample.Open(), target.Open())).AssertCompleted();
        // Nothing is copied between the two, so only listings can tell that the credentials were good again.
        sample.Store.OnList = async (prefix, _) =>
        {
            if (prefix is not ("blobs/sha256/" or "repositories/") || !expired.TryAdd(prefix, 0))
                return;
            if (prefix == "repositories/")
                await Task.Delay(2 * limit, Token);
            throw new StoreException(StoreErrorKind.CredentialsExpired, "The token has expired.");
        };
        var warnings = new ConcurrentQueue<string>();
        var pass = new SyncPass(sample.Open(), target.Open(), Passes.Options() with { CredentialPause = limit }, TimeProvider.System) { Warning = warnings.Enqueue };
        (await pass.RunAsync(Token)).AssertCompleted();
        Assert.Equal(2, warnings.Count(warning => warning.StartsWith("Paused", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Swift_tokens_that_expire_are_renewed_and_given_ones_pause_the_pass()
    {
        var sample = new FaultSample();
        await using var own = await lab.StartOwnLabAsync(new Dictionary<string, string> { ["SWIFT_TOKEN_LIFE"] = "2" }, "swift");
        await using var proxy = FaultProxy.Start(own.Swift.AuthUrl);
        var options = new SwiftOptions { AuthUrl = proxy.Uri, UserName = own.Swift.User, Password = new Secret(own.Swift.Key), SegmentSize = FaultSpace.SegmentBytes };
        await using var space = await SwiftSpace.CreateAsync(SwiftSpace.Options(own.Swift));
        var address = StoreAddress.InContainer(StoreKind.Swift, space.Container);
        await using var target = await Passes.OpenAsync(new RegistryStore(address) { Swift = options });
        // Slow enough to outlive two tokens.
        (await Passes.RunAsync(sample.Open(), target, Passes.Options() with { BytesPerSecond = 2 << 20 })).AssertCompleted();
        Assert.InRange(proxy.Requests.Count(request => request.Target.Contains("/auth/", StringComparison.Ordinal)), 2, 40);
        await Passes.AssertSameAsync(sample.Open(), target);

        var storage = proxy.Requests.First(request => request.Target.Contains("/v1/", StringComparison.Ordinal));
        var token = proxy.Requests.Last(request => request.Target.Contains(space.Container, StringComparison.Ordinal)).Headers.First(line => line.StartsWith("X-Auth-Token:", StringComparison.OrdinalIgnoreCase)).Split(':', 2)[1].Trim();
        var given = new SwiftOptions { Token = new Secret(token), StorageUrl = new Uri(proxy.Uri, string.Join('/', storage.Target.Split('/')[..3])) };
        await Task.Delay(TimeSpan.FromSeconds(2.5), Token);
        await using var late = await Passes.OpenAsync(new RegistryStore(address) { Swift = given, Root = "files/" + Root });
        var result = await Passes.RunAsync(sample.Open(), late, Passes.Options() with { CredentialPause = TimeSpan.FromMilliseconds(300) });
        result.AssertFailed(Party.Target, StoreErrorKind.CredentialsExpired);
        Assert.DoesNotContain(token, result.ToJson(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(StoreKind.S3)]
    [InlineData(StoreKind.Swift)]
    public async Task Wrong_credentials_end_the_pass_with_one_failure(StoreKind kind)
    {
        await using var space = await FaultSpace.CreateAsync(lab, kind);
        var right = space.Define(direct: true, Root);
        var wrong = new RegistryStore(space.Address)
        {
            Root = Root,
            S3 = new S3Options { Endpoint = right.S3.Endpoint, Region = right.S3.Region, AccessKey = right.S3.AccessKey, SecretKey = new Secret("wrong-secret") },
            Swift = new SwiftOptions { AuthUrl = right.Swift.AuthUrl, UserName = right.Swift.UserName, Password = new Secret("wrong-secret") },
        };
        var sample = new FaultSample();
        await using var store = await Passes.OpenAsync(wrong);
        await AssertEndsAsync(sample.Open(), store, Party.Target, StoreErrorKind.Unauthenticated, "redential", "user");
        await AssertEndsAsync(store, sample.Open(), Party.Source, StoreErrorKind.Unauthenticated, "redential", "user");
        Assert.Empty(sample.Store.Written);
    }

    [Theory]
    [InlineData(StoreKind.S3)]
    [InlineData(StoreKind.Swift)]
    [InlineData(StoreKind.FileSystem)]
    public async Task A_store_that_is_not_there_is_named_with_the_cmdlet_that_makes_it(StoreKind kind)
    {
        await using var space = await FaultSpace.CreateAsync(lab, kind);
        var there = space.Define(direct: kind != StoreKind.FileSystem, Root);
        var missing = new RegistryStore(kind == StoreKind.FileSystem ? StoreAddress.Parse(Path.Combine(space.Address.Container, "missing")) : StoreAddress.InContainer(kind, "missing-" + Guid.NewGuid().ToString("n")))
        {
            Root = Root,
            S3 = there.S3,
            Swift = there.Swift,
        };
        var sample = new FaultSample();
        await using var store = await Passes.OpenAsync(missing);
        await AssertEndsAsync(sample.Open(), store, Party.Target, StoreErrorKind.NotFound, "Initialize-RegistryStore");
        await AssertEndsAsync(store, sample.Open(), Party.Source, StoreErrorKind.NotFound, "Initialize-RegistryStore");
        Assert.Empty(sample.Store.Written);
        var opening = await Assert.ThrowsAsync<StoreException>(() => Passes.OpenAsync(new RegistryStore(missing.Address) { S3 = there.S3, Swift = there.Swift }));
        Assert.Equal(StoreErrorKind.NotFound, opening.Kind);
        Assert.Contains("Initialize-RegistryStore", opening.Message, StringComparison.Ordinal);
    }

    private static async Task AssertEndsAsync(OpenStore source, OpenStore target, Party party, StoreErrorKind kind, params string[] advice)
    {
        var result = await Passes.RunAsync(source, target);
        result.AssertFailed(party, kind);
        var failure = Assert.Single(result.Failures);
        Assert.True(advice.Any(text => failure.Message.Contains(text, StringComparison.Ordinal)), failure.Message);
        Assert.DoesNotContain("wrong-secret", result.ToJson(), StringComparison.Ordinal);
    }
}
