using System.Net.Http.Json;
using System.Text.Json;
using RegistryMigration.Engine.Stores.Swift;
using RegistryMigration.Engine.Tests.Faults;
using RegistryMigration.Engine.Tests.Lab;
using RegistryMigration.Model;
using static RegistryMigration.Engine.Tests.Stores.Swift.StoreAssertions;

namespace RegistryMigration.Engine.Tests.Stores.Swift.Authentication;

public sealed class KeystoneAuthTests(LabFixture lab)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private KeystoneEndpoints Keystone => lab.Keystone;

    [Theory]
    [InlineData("password by names")]
    [InlineData("password by ids")]
    [InlineData("password without version in the address")]
    [InlineData("application credential by id")]
    [InlineData("application credential by name")]
    [InlineData("token scoped anew")]
    [InlineData("token looked up")]
    [InlineData("token with storage address")]
    [InlineData("clouds.yaml lab")]
    [InlineData("clouds.yaml lab-app")]
    [InlineData("OS_ variables")]
    public async Task Every_way_in_writes_and_lists(string way)
    {
        await lab.RequireAsync("swift-ks");
        await using var store = Store(await OptionsAsync(way));
        Assert.True(await store.InitializeAsync(new Dictionary<string, string>(), Cancellation));
        await store.PutAsync("k", way);
        Assert.Equal(["k"], (await store.AllAsync()).Select(entry => entry.Key));
        Assert.Equal(way, System.Text.Encoding.UTF8.GetString(await store.BytesAsync("k")));
    }

    [Fact]
    public async Task Wrong_credentials_are_told_apart_and_never_shown()
    {
        await lab.RequireAsync("swift-ks");
        var wrong = new Secret("very-wrong");
        var cases = new (SwiftOptions Options, StoreErrorKind Kind, string Text)[]
        {
            (new SwiftOptions { AuthUrl = Keystone.AuthUrl, UserName = Keystone.User, Password = wrong, ProjectName = Keystone.Project }, StoreErrorKind.Unauthenticated, Keystone.User),
            (new SwiftOptions { AuthUrl = Keystone.AuthUrl, UserName = Keystone.User, Password = new Secret(Keystone.Password), ProjectName = "no-such" }, StoreErrorKind.Unauthenticated, "no-such"),
            (new SwiftOptions { AuthUrl = Keystone.AuthUrl, ApplicationCredentialId = Keystone.ApplicationCredentialId, ApplicationCredentialSecret = wrong }, StoreErrorKind.Unauthenticated, "application credential"),
            (new SwiftOptions { AuthUrl = Keystone.AuthUrl, ApplicationCredentialId = "0123", ApplicationCredentialSecret = wrong }, StoreErrorKind.Unauthenticated, "application credential"),
            (new SwiftOptions { AuthUrl = Keystone.AuthUrl, Token = wrong }, StoreErrorKind.CredentialsExpired, "fresh one"),
            (new SwiftOptions { StorageUrl = Keystone.StorageUrl, Token = wrong }, StoreErrorKind.CredentialsExpired, "fresh token"),
            (new SwiftOptions { AuthUrl = new Uri(Keystone.AuthUrl, "/nowhere/v3"), UserName = "u", Password = wrong, ProjectName = "p" }, StoreErrorKind.Unauthenticated, "authentication address"),
            (Password(region: "Elsewhere"), StoreErrorKind.NotFound, Keystone.Region),
            (Password(face: "private"), StoreErrorKind.NotFound, "public"),
        };
        foreach (var (options, kind, text) in cases)
        {
            await using var store = Store(options);
            var failure = await ThrowsAsync(kind, () => store.AllAsync());
            Assert.Contains(text, failure.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("very-wrong", failure.ToString(), StringComparison.Ordinal);
            Assert.DoesNotContain(Keystone.Password, failure.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_address_that_is_no_Keystone_is_an_error()
    {
        await lab.RequireAsync("swift-ks");
        await using var proxy = FaultProxy.Start(Keystone.AuthUrl);
        proxy.Rules.Add(new FaultRule { Fault = Fault.Answer(200, "<html>welcome</html>") });
        proxy.Rules.Add(new FaultRule { Fault = Fault.Answer(201, """{"token":{"catalog":[]}}""") });
        proxy.Rules.Add(new FaultRule { Fault = Fault.Answer(503) });
        await using var store = Store(Password(proxy.Uri), attempts: 1);
        await ThrowsAsync(StoreErrorKind.Other, () => store.AllAsync());
        await ThrowsAsync(StoreErrorKind.NotFound, () => store.AllAsync());
        await ThrowsAsync(StoreErrorKind.Throttled, () => store.AllAsync());
    }

    [Fact]
    public async Task Tokens_are_renewed_before_they_end()
    {
        await lab.RequireAsync("swift-ks");
        var clock = new MovableClock();
        await using var proxy = FaultProxy.Start(Keystone.AuthUrl);
        await using var store = Store(Password(proxy.Uri), time: clock);
        await store.InitializeAsync(new Dictionary<string, string>(), Cancellation);
        Assert.Single(proxy.Requests);

        clock.Advance(0.7 * TimeSpan.FromSeconds(Keystone.TokenLifeSeconds));
        await store.PutAsync("k", "x");
        Assert.Single(proxy.Requests);

        clock.Advance(0.15 * TimeSpan.FromSeconds(Keystone.TokenLifeSeconds));
        await Task.WhenAll(Enumerable.Range(0, 5).Select(i => store.PutAsync("k", "x")));
        Assert.Equal(2, proxy.Requests.Count);
    }

    [Fact]
    public async Task A_Keystone_that_is_down_stops_nobody_while_the_token_lives()
    {
        await lab.RequireAsync("swift-ks");
        var clock = new MovableClock();
        await using var proxy = FaultProxy.Start(Keystone.AuthUrl);
        await using var store = Store(Password(proxy.Uri), time: clock);
        await store.InitializeAsync(new Dictionary<string, string>(), Cancellation);
        proxy.Rules.Add(new FaultRule { Times = 99, Fault = Fault.Answer(503) });

        clock.Advance(0.9 * TimeSpan.FromSeconds(Keystone.TokenLifeSeconds));
        await store.PutAsync("k", "x");
        clock.Advance(0.2 * TimeSpan.FromSeconds(Keystone.TokenLifeSeconds));
        await ThrowsAsync(StoreErrorKind.Throttled, () => store.PutAsync("k", "x"));
    }

    private SwiftOptions Password(Uri? authUrl = null, string? region = null, string? face = null) => new()
    {
        AuthUrl = authUrl ?? Keystone.AuthUrl, UserName = Keystone.User, Password = new Secret(Keystone.Password), ProjectName = Keystone.Project, Region = region, Interface = face,
    };

    private async Task<SwiftOptions> OptionsAsync(string way) => way switch
    {
        "password by names" => Password(region: Keystone.Region, face: "internalURL"),
        "password by ids" => new() { AuthUrl = Keystone.AuthUrl, UserName = Keystone.User, UserDomainId = Keystone.DomainId, Password = new Secret(Keystone.Password), ProjectId = Keystone.ProjectId },
        "password without version in the address" => Password(new Uri(Keystone.AuthUrl, "/")),
        "application credential by id" => new()
        {
            AuthUrl = Keystone.AuthUrl, ApplicationCredentialId = Keystone.ApplicationCredentialId, ApplicationCredentialSecret = new Secret(Keystone.ApplicationCredentialSecret),
        },
        "application credential by name" => new()
        {
            AuthUrl = Keystone.AuthUrl, ApplicationCredentialName = await ApplicationCredentialNameAsync(), UserName = Keystone.User, UserDomainName = "Default",
            ApplicationCredentialSecret = new Secret(Keystone.ApplicationCredentialSecret),
        },
        "token scoped anew" => new() { AuthUrl = Keystone.AuthUrl, Token = new Secret((await TokenAsync()).Token), ProjectName = Keystone.Project },
        "token looked up" => new() { AuthUrl = Keystone.AuthUrl, Token = new Secret((await TokenAsync()).Token) },
        "token with storage address" => new() { StorageUrl = Keystone.StorageUrl, Token = new Secret((await TokenAsync()).Token) },
        "OS_ variables" => new()
        {
            Environment = new Dictionary<string, string>
            {
                ["OS_AUTH_URL"] = Keystone.AuthUrl.ToString(), ["OS_USERNAME"] = Keystone.User, ["OS_PASSWORD"] = Keystone.Password, ["OS_PROJECT_NAME"] = Keystone.Project,
                ["OS_USER_DOMAIN_NAME"] = "Default", ["OS_PROJECT_DOMAIN_ID"] = "default", ["OS_REGION_NAME"] = Keystone.Region, ["OS_IDENTITY_API_VERSION"] = "3",
            },
        },
        _ => new() { CloudsFile = Keystone.CloudsFile, Environment = new Dictionary<string, string> { ["OS_CLOUD"] = way.Split(' ')[1] } },
    };

    private async Task<string> ApplicationCredentialNameAsync()
    {
        var (token, user) = await TokenAsync();
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Add("X-Auth-Token", token);
        var answer = await http.GetFromJsonAsync<JsonElement>(new Uri($"{Keystone.AuthUrl.AbsoluteUri.TrimEnd('/')}/users/{user}/application_credentials"), Cancellation);
        return answer.GetProperty("application_credentials").EnumerateArray().Single(each => each.GetProperty("id").GetString() == Keystone.ApplicationCredentialId).GetProperty("name").GetString()!;
    }

    private async Task<(string Token, string User)> TokenAsync()
    {
        using var http = new HttpClient();
        object domain = new { id = "default" };
        var body = JsonSerializer.Serialize(new
        {
            auth = new
            {
                identity = new { methods = new[] { "password" }, password = new { user = new { name = Keystone.User, domain, password = Keystone.Password } } },
                scope = new { project = new { name = Keystone.Project, domain } },
            },
        });
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var response = await http.PostAsync(new Uri(Keystone.AuthUrl.AbsoluteUri.TrimEnd('/') + "/auth/tokens"), content, Cancellation);
        response.EnsureSuccessStatusCode();
        var token = await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        return (response.Headers.GetValues("X-Subject-Token").Single(), token.GetProperty("token").GetProperty("user").GetProperty("id").GetString()!);
    }

    private static SwiftStore Store(SwiftOptions options, int attempts = 4, TimeProvider? time = null) =>
        SwiftStore.Create(StoreAddress.Parse("swift://c-" + Guid.NewGuid().ToString("n")), "", options, new TlsOptions(), SwiftSpace.Context(attempts: attempts, time: time));

    /// <summary>The real clock, which can be put forward.</summary>
    private sealed class MovableClock : TimeProvider
    {
        private TimeSpan _ahead;

        public void Advance(TimeSpan time) => _ahead += time;

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + _ahead;
    }
}
