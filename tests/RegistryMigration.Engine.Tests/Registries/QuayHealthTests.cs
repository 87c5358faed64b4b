using RegistryMigration.Engine.Registries;
using RegistryMigration.Engine.Resilience;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Engine.Tests.Registries.StandIns;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Registries;

public sealed class QuayHealthTests
{
    private const string Well = """{"data":{"services":{"auth":true,"database":true,"storage":true}},"status_code":200}""";
    private const string Ill = """{"data":{"services":{"auth":true,"database":true,"storage":false}},"status_code":503}""";

    [Theory]
    [InlineData(200, Well, true, "all parts are well")]
    [InlineData(503, Ill, false, "not well: storage")]
    public async Task Quay_says_how_its_parts_are(int status, string body, bool healthy, string text)
    {
        await using var quay = new StandInServer(_ => StandInResponse.Json(status, body));
        var health = await QuayHealth.ReadAsync(Endpoint(quay), new StoreContext(), TestContext.Current.CancellationToken);
        Assert.Equal((status, healthy, text, 3), (health.StatusCode, health.IsHealthy, health.ToString(), health.Services.Count));
        Assert.Equal("/health/endtoend", Assert.Single(quay.Requests).Target);
    }

    [Theory]
    [InlineData(503, "<html>no pod</html>", StoreErrorKind.Transient, "not by Quay")]
    [InlineData(200, "<html>welcome</html>", StoreErrorKind.Other, "not Quay's")]
    [InlineData(200, "[]", StoreErrorKind.Other, "not Quay's")]
    [InlineData(200, """{"data":{"services":[]}}""", StoreErrorKind.Other, "not Quay's")]
    [InlineData(404, "{}", StoreErrorKind.NotFound, "Check that this is a Quay")]
    [InlineData(302, "", StoreErrorKind.Other, "Check that this is a Quay")]
    public async Task Who_is_no_Quay_is_told_from_a_Quay_that_is_not_well(int status, string body, StoreErrorKind kind, string text)
    {
        await using var other = new StandInServer(_ => StandInResponse.Json(status, body, ("Location", "/login")));
        var context = new StoreContext { Retry = new RetryPolicy(new RetryOptions { Attempts = 1 }, TimeProvider.System) };
        var error = await Assert.ThrowsAsync<StoreException>(() => QuayHealth.ReadAsync(Endpoint(other), context, TestContext.Current.CancellationToken));
        Assert.Equal(kind, error.Kind);
        Assert.Contains(text, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_router_without_pods_is_asked_again()
    {
        var asked = 0;
        await using var quay = new StandInServer(_ => ++asked == 1 ? new StandInResponse(503, "no pod"u8.ToArray()) : StandInResponse.Json(200, Well));
        Assert.True((await QuayHealth.ReadAsync(Endpoint(quay), new StoreContext(), TestContext.Current.CancellationToken)).IsHealthy);
        Assert.Equal(2, asked);
    }

    private static RegistryEndpoint Endpoint(StandInServer server) => new(server.Url.AbsoluteUri);
}
