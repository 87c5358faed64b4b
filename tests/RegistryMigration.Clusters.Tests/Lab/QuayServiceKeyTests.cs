using System.Net;
using System.Security.Cryptography;
using RegistryMigration.Engine.Registries;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Lab.Cluster;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Tests.Lab;

/// <summary>The client of Quay's service keys against the stand-in's API, and what a read-only Quay thinks of keys.</summary>
public sealed class QuayServiceKeyTests(KubeLab lab)
{
    private const string Locations = "INSTANCE_SERVICE_KEY_KID_LOCATION: conf/stack/quay-readonly.kid\nINSTANCE_SERVICE_KEY_LOCATION: conf/stack/quay-readonly.pem\n";
    private const string Superusers = "SUPER_USERS: [admin]\n";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static DateTimeOffset Tomorrow => TimeProvider.System.GetUtcNow().AddDays(1);

    [Fact]
    public async Task A_key_made_by_a_superuser_lets_Quay_start_read_only_and_serve()
    {
        await using var quay = await StartAsync(Superusers);
        await quay.PushAsync("demo/app");
        using var keys = Keys(quay, "superuser");
        var key = await keys.CreateAsync("move", Tomorrow, Cancellation);
        var row = quay.Database.ServiceKeys[key.Id];
        Assert.Equal(("move", "quay", true), (row.Name, row.Service, row.Approved));
        await quay.StartAsync(Superusers + ReadOnly(quay, key) + quay.Storage());
        Assert.Equal(HttpStatusCode.OK, await TagsAsync(quay));

        // Nobody makes or deletes a key there.
        var refused = await Assert.ThrowsAsync<StoreException>(() => keys.CreateAsync("late", Tomorrow, Cancellation));
        Assert.Equal(503, refused.StatusCode);
        Assert.Contains("read-only", refused.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<StoreException>(() => keys.RemoveAsync(key.Id, Cancellation));

        await quay.StartAsync(Superusers + quay.Storage());
        await keys.RemoveAsync(key.Id, Cancellation);
        var gone = await Assert.ThrowsAsync<StoreException>(() => keys.RemoveAsync(key.Id, Cancellation));
        Assert.Equal(StoreErrorKind.NotFound, gone.Kind);
        await Assert.ThrowsAsync<QuayBootException>(() => quay.StartAsync(Superusers + ReadOnly(quay, key) + quay.Storage()));
    }

    [Theory]
    [InlineData(Superusers, "none", 401, "none of this Quay's")]
    [InlineData(Superusers, "over", 401, "none of this Quay's")]
    [InlineData(Superusers, "reader", 403, "scope is too small")]
    [InlineData(Superusers, "other", 403, "is no superuser")]
    [InlineData("", "superuser", 403, "SUPER_USERS")]
    [InlineData("FEATURE_SUPER_USERS: false\n" + Superusers, "superuser", 404, "FEATURE_SUPER_USERS")]
    public async Task Who_may_not_make_keys_is_told_what_is_missing(string configuration, string token, int status, string text)
    {
        await using var quay = await StartAsync(configuration);
        using var keys = Keys(quay, token);
        var error = await Assert.ThrowsAsync<StoreException>(() => keys.CreateAsync("move", Tomorrow, Cancellation));
        Assert.Equal(status, error.StatusCode);
        Assert.Contains(text, error.Message, StringComparison.Ordinal);
        Assert.Empty(quay.Database.ServiceKeys);
    }

    [Fact]
    public async Task A_time_that_is_over_and_a_name_with_other_characters_are_refused()
    {
        await using var quay = await StartAsync(Superusers);
        using var keys = Keys(quay, "superuser");
        Assert.Contains("Expiration date cannot be in the past", (await Assert.ThrowsAsync<StoreException>(() => keys.CreateAsync("move", Tomorrow.AddDays(-2), Cancellation))).Message, StringComparison.Ordinal);
        Assert.Contains("Invalid service key friendly name: a.b", (await Assert.ThrowsAsync<StoreException>(() => keys.CreateAsync("a.b", Tomorrow, Cancellation))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("quay", true, 1, false, null, 200)]
    // boot.py does not ask for approval, nor for the service; who reads the tokens does.
    [InlineData("quay", false, 1, false, null, 401)]
    [InlineData("clair", true, 1, false, null, 401)]
    [InlineData("quay", true, 1, true, null, 401)]
    [InlineData("quay", true, -1, false, "Exception: No valid service key found for read-only registry.", 0)]
    public async Task A_read_only_Quay_serves_only_with_a_key_that_fits(string service, bool approved, int days, bool other, string? boot, int status)
    {
        await using var quay = await StartAsync("");
        await quay.PushAsync("demo/app");
        using var rsa = RSA.Create(2048);
        using var another = RSA.Create(2048);
        await quay.Database.ChangeServiceKeysAsync(keys => keys["kid"] = new QuayServiceKeyRow("ours", service, rsa.ExportSubjectPublicKeyInfoPem(), TimeProvider.System.GetUtcNow().AddDays(days), approved), Cancellation);
        var start = () => quay.StartAsync(ReadOnly(quay, new QuayServiceKey("kid", new Secret((other ? another : rsa).ExportRSAPrivateKeyPem()))) + quay.Storage());
        if (boot is not null)
        {
            Assert.Equal(boot, (await Assert.ThrowsAsync<QuayBootException>(start)).Message);
            return;
        }

        await start();
        Assert.Equal(status, (int)await TagsAsync(quay));
    }

    private static string ReadOnly(StandaloneQuay quay, QuayServiceKey key)
    {
        File.WriteAllText(Path.Combine(quay.Configuration, "quay-readonly.kid"), key.Id);
        File.WriteAllText(Path.Combine(quay.Configuration, "quay-readonly.pem"), key.PrivateKey.Reveal());
        return "REGISTRY_STATE: readonly\n" + Locations;
    }

    private static QuayServiceKeys Keys(StandaloneQuay quay, string token) => new(new RegistryEndpoint(quay.Http.BaseAddress!.AbsoluteUri) { Token = new Secret(token) }, new StoreContext());

    private static async Task<HttpStatusCode> TagsAsync(StandaloneQuay quay)
    {
        using var tags = await quay.AskAsync(HttpMethod.Get, "/v2/demo/app/tags/list");
        return tags.StatusCode;
    }

    private async Task<StandaloneQuay> StartAsync(string configuration)
    {
        await lab.Servers.RequireAsync("ceph");
        var quay = await StandaloneQuay.CreateAsync(lab.Servers.Ceph);
        await quay.StartAsync(configuration + quay.Storage());
        return quay;
    }
}
