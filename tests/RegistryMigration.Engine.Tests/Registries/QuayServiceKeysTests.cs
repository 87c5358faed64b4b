using System.Text.Json.Nodes;
using RegistryMigration.Engine.Registries;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Engine.Tests.Registries.StandIns;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Registries;

public sealed class QuayServiceKeysTests
{
    private const string Pem = "-----BEGIN RSA PRIVATE KEY-----\nMIIhushh\n-----END RSA PRIVATE KEY-----\n";
    private static readonly DateTimeOffset Expiration = new(2031, 2, 3, 4, 5, 6, TimeSpan.Zero);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_key_is_asked_for_once_and_its_private_part_is_shown_nowhere()
    {
        await using var quay = new StandInServer(_ => StandInResponse.Json(200, new JsonObject { ["kid"] = "kid-1", ["private_key"] = Pem }.ToJsonString()));
        using var keys = Keys(quay);
        var key = await keys.CreateAsync("a move", Expiration, Cancellation);
        Assert.Equal(("kid-1", Pem), (key.Id, key.PrivateKey.Reveal()));
        Assert.DoesNotContain("hush", key.ToString(), StringComparison.Ordinal);
        var request = Assert.Single(quay.Requests);
        Assert.Equal(("POST", "/api/v1/superuser/keys", "Bearer t0ken", "application/json"), (request.Method, request.Target, request.Authorization, request.Headers["Content-Type"]));
        Assert.Equal("""{"service":"quay","name":"a move","expiration":1927857906}""", System.Text.Encoding.UTF8.GetString(request.Body));
    }

    [Fact]
    public async Task A_key_is_deleted_by_its_id()
    {
        await using var quay = new StandInServer(_ => new StandInResponse(204));
        using var keys = Keys(quay);
        await keys.RemoveAsync("a/b", Cancellation);
        var request = Assert.Single(quay.Requests);
        Assert.Equal(("DELETE", "/api/v1/superuser/keys/a%2Fb", "Bearer t0ken"), (request.Method, request.Target, request.Authorization));
    }

    [Theory]
    [InlineData(400, """{"error_message":"Expiration date cannot be in the past"}""", StoreErrorKind.Other, "Expiration date cannot be in the past. Check -Name, and the clocks")]
    [InlineData(401, """{"error_message":"Requires authentication"}""", StoreErrorKind.Unauthenticated, "Requires authentication. The token is none of this Quay's, or has expired. Give an OAuth token with 'Super User Access'")]
    [InlineData(403, """{"error_message":"Unauthorized"}""", StoreErrorKind.Denied, "is no superuser, or its scope is too small. Give an OAuth token with 'Super User Access'")]
    [InlineData(404, "<html>", StoreErrorKind.NotFound, "FEATURE_SUPER_USERS")]
    [InlineData(302, "", StoreErrorKind.Other, "Check that this is a Quay, and its address")]
    [InlineData(500, "", StoreErrorKind.Transient, "Whether it was done is not known")]
    [InlineData(503, """{"message":"System is currently read-only."}""", StoreErrorKind.Throttled, "read-only. A Quay that is read-only takes no new keys")]
    [InlineData(200, "<html>welcome</html>", StoreErrorKind.Other, "not Quay's")]
    [InlineData(200, """{"kid":"kid-1","private_key":"none"}""", StoreErrorKind.Other, "not Quay's")]
    [InlineData(200, """{"kid":"","private_key":""}""", StoreErrorKind.Other, "not Quay's")]
    public async Task What_Quay_refuses_is_told_with_the_next_step_and_not_tried_again(int status, string body, StoreErrorKind kind, string text)
    {
        await using var quay = new StandInServer(_ => StandInResponse.Json(status, body, ("Location", "https://elsewhere/")));
        using var keys = Keys(quay);
        var error = await Assert.ThrowsAsync<StoreException>(() => keys.CreateAsync("move", Expiration, Cancellation));
        Assert.Equal(kind, error.Kind);
        Assert.Contains(text, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("t0ken", error.Message, StringComparison.Ordinal);
        Assert.Single(quay.Requests);
    }

    [Fact]
    public async Task A_cut_answer_leaves_open_whether_there_is_a_key_now()
    {
        await using var quay = new StandInServer(_ => StandInResponse.Json(200, new JsonObject { ["kid"] = "kid-1", ["private_key"] = Pem }.ToJsonString()) with { CutAfter = 20 });
        using var keys = Keys(quay);
        var error = await Assert.ThrowsAsync<StoreException>(() => keys.CreateAsync("move", Expiration, Cancellation));
        Assert.Contains("superuser panel", error.Message, StringComparison.Ordinal);
        Assert.Single(quay.Requests);
    }

    private static QuayServiceKeys Keys(StandInServer server) => new(new RegistryEndpoint(server.Url.AbsoluteUri) { Token = new Secret("t0ken") }, new StoreContext());
}
