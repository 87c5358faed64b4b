using RegistryMigration.Engine.Stores.Swift;
using RegistryMigration.Engine.Tests.Faults;
using RegistryMigration.Engine.Tests.Lab;
using RegistryMigration.Model;
using static RegistryMigration.Engine.Tests.Stores.Swift.StoreAssertions;

namespace RegistryMigration.Engine.Tests.Stores.Swift.Authentication;

public sealed class TempAuthTests(LabFixture lab)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_wrong_key_is_named_and_never_shown()
    {
        await lab.RequireAsync("swift");
        var options = new SwiftOptions { AuthUrl = lab.Swift.AuthUrl, UserName = lab.Swift.User, Password = new Secret("a-wrong-key") };
        await using var store = SwiftStore.Create(StoreAddress.Parse("swift://c"), "", options, new TlsOptions(), SwiftSpace.Context());
        var failure = await ThrowsAsync(StoreErrorKind.Unauthenticated, () => store.AllAsync());
        Assert.Contains(lab.Swift.User, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("a-wrong-key", failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_without_rights_is_denied_and_a_reader_may_not_write()
    {
        await using var space = await SwiftSpace.TempAuthAsync(lab);
        await space.PutAsync("k", "x");
        foreach (var (login, mayRead) in new[] { (lab.Swift.WithoutRights, false), (lab.Swift.Reader, true) })
        {
            var options = new SwiftOptions { AuthUrl = lab.Swift.AuthUrl, UserName = login.User, Password = new Secret(login.Key) };
            var store = space.Track(SwiftStore.Create(StoreAddress.InContainer(StoreKind.Swift, space.Container), "", options, new TlsOptions(), SwiftSpace.Context()));
            if (mayRead)
                Assert.Single(await store.AllAsync());
            else
                await ThrowsAsync(StoreErrorKind.Denied, () => store.AllAsync());
            await ThrowsAsync(StoreErrorKind.Denied, () => store.PutAsync("k", "y"));
        }
    }

    [Fact]
    public async Task A_token_that_ends_in_the_middle_is_renewed_on_every_kind_of_request()
    {
        await using var space = await SwiftSpace.TempAuthAsync(lab);
        await using var proxy = FaultProxy.Start(lab.Swift.AuthUrl);
        var store = space.Store(authUrl: proxy.Uri);
        await store.PutAsync("warm", "up");
        var large = Random(200_000);
        foreach (var (method, act) in new (string, Func<Task>)[]
        {
            ("PUT", () => store.WriteAsync("streamed", Streaming(Random(3000)), Cancellation)),
            ("PUT", () => store.WriteAsync("large", Streaming(large), Cancellation)),
            ("GET", () => store.BytesAsync("streamed")),
            ("GET", () => store.AllAsync()),
            ("HEAD", () => store.StatAsync("streamed", Cancellation)),
            ("DELETE", () => store.DeleteAsync("streamed", Cancellation)),
        })
        {
            proxy.Rules.Clear();
            var rule = new FaultRule { Method = method, Target = target => !target.Contains("/auth/", StringComparison.Ordinal), Fault = Fault.Answer(401) };
            proxy.Rules.Add(rule);
            await act();
            Assert.Equal(1, rule.Met);
        }

        Assert.Equal(large, await space.GetAsync("large"));
    }

    [Fact]
    public async Task A_new_token_that_is_refused_too_ends_in_an_error()
    {
        await using var space = await SwiftSpace.TempAuthAsync(lab);
        await using var proxy = FaultProxy.Start(lab.Swift.AuthUrl);
        proxy.Rules.Add(new FaultRule { Method = "PUT", Times = 99, Fault = Fault.Answer(401) });
        await ThrowsAsync(StoreErrorKind.Unauthenticated, () => space.Store(authUrl: proxy.Uri).PutAsync("k", "x"));
        Assert.Equal(2, proxy.Requests.Count(request => request.Method == "PUT"));
    }

    [Fact]
    public async Task Many_requests_share_one_authentication_and_one_renewal()
    {
        await using var space = await SwiftSpace.TempAuthAsync(lab);
        await using var proxy = FaultProxy.Start(lab.Swift.AuthUrl);
        var store = space.Store(authUrl: proxy.Uri);
        await Task.WhenAll(Enumerable.Range(0, 10).Select(i => store.PutAsync(FormattableString.Invariant($"k{i}"), "x")));
        Assert.Equal(1, proxy.Requests.Count(request => request.Target.Contains("/auth/", StringComparison.Ordinal)));
        Assert.Equal(1, proxy.Requests.Count(request => request.Target == "/info"));
    }

    [Fact]
    public async Task Short_lived_tokens_carry_a_run_that_outlives_them()
    {
        await lab.RequireAsync("swift");
        await using var own = await lab.StartOwnLabAsync(new Dictionary<string, string> { ["SWIFT_TOKEN_LIFE"] = "4" }, "swift");
        await using var space = await SwiftSpace.CreateAsync(SwiftSpace.Options(own.Swift));
        await using var proxy = FaultProxy.Start(own.Swift.AuthUrl);
        var store = space.Store(authUrl: proxy.Uri);
        var start = TimeProvider.System.GetTimestamp();
        var written = 0;
        while (TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(9))
        {
            await store.PutAsync(FormattableString.Invariant($"k{written++}"), "x");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancellation);
        }

        // tempauth issues no new token while the old one lives, so the end is met now and then, and never seen by the caller.
        Assert.Equal(written, (await space.NamesAfterLoginAsync()).Length);
        Assert.InRange(proxy.Requests.Count(request => request.Target.Contains("/auth/", StringComparison.Ordinal)), 3, 12);
    }
}
