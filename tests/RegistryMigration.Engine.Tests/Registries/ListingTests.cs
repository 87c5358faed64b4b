using RegistryMigration.Engine.Tests.Registries.StandIns;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Registries;

/// <summary>Catalogs and tags over pages, as different registries link them.</summary>
public sealed class ListingTests : IAsyncDisposable
{
    private readonly StandInRegistry _registry = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("</v2/_catalog?last=b&n=1000>; rel=\"next\"")]
    [InlineData("<?last=b&n=1000>; rel=\"next\"")]
    [InlineData("</v2/_catalog?n=1>; rel=\"prev\", </v2/_catalog?last=b&n=1000>;rel=next")]
    // Behind a proxy that ends TLS a registry names itself with another scheme or port.
    [InlineData("<http://127.0.0.1/v2/_catalog?last=b&n=1000>; rel=\"next\"")]
    [InlineData("<https://127.0.0.1:8443/v2/_catalog?last=b&n=1000>; rel=\"next\"")]
    public async Task Pages_are_followed_however_they_are_linked(string link)
    {
        _registry.Override = request => request.Path != "/v2/_catalog" ? null : request.Query("last").Count == 0
            ? StandInResponse.Json(200, """{"repositories":["a","b"]}""", ("Link", link))
            : StandInResponse.Json(200, """{"repositories":["c"]}""");
        using var client = _registry.Client();
        Assert.Equal(["a", "b", "c"], await client.ListRepositoriesAsync(Cancellation).ToListAsync(Cancellation));
        Assert.All(_registry.Server.Requests.Skip(1), r => Assert.Equal("1000", r.Query("n").Single()));
    }

    [Fact]
    public async Task A_page_on_another_host_is_refused()
    {
        _registry.Override = request => request.Path == "/v2/a/tags/list" ? StandInResponse.Json(200, """{"name":"a","tags":["1"]}""", ("Link", "<http://internal:5000/v2/a/tags/list?last=1>; rel=\"next\"")) : null;
        using var client = _registry.Client();
        var error = await Assert.ThrowsAsync<StoreException>(async () => await client.ListTagsAsync("a", Cancellation).ToListAsync(Cancellation));
        Assert.Contains("internal", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pages_in_a_circle_are_a_broken_listing()
    {
        _registry.Override = request => request.Path == "/v2/_catalog" ? StandInResponse.Json(200, """{"repositories":["a"]}""", ("Link", $"<{request.Target}>; rel=\"next\"")) : null;
        using var client = _registry.Client();
        var error = await Assert.ThrowsAsync<StoreException>(async () => await client.ListRepositoriesAsync(Cancellation).ToListAsync(Cancellation));
        Assert.Equal(StoreErrorKind.BrokenListing, error.Kind);
    }

    [Theory]
    [InlineData(404, """{"errors":[{"code":"NAME_UNKNOWN","message":"repository name not known to registry"}]}""")]
    [InlineData(200, """{"name":"a","tags":null}""")]
    [InlineData(200, """{"name":"a","tags":[]}""")]
    public async Task An_empty_repository_has_no_tags(int status, string answer)
    {
        _registry.Override = request => request.Path == "/v2/a/tags/list" ? StandInResponse.Json(status, answer) : null;
        using var client = _registry.Client();
        Assert.Empty(await client.ListTagsAsync("a", Cancellation).ToListAsync(Cancellation));
    }

    [Fact]
    public async Task A_page_that_fails_for_good_ends_the_listing_with_an_error()
    {
        _registry.Override = request => request.Path != "/v2/_catalog" ? null : request.Query("last").Count == 0
            ? StandInResponse.Json(200, """{"repositories":["a"]}""", ("Link", "</v2/_catalog?last=a>; rel=\"next\""))
            : StandInResponse.Error(403, "DENIED", "requested access to the resource is denied");
        using var client = _registry.Client();
        var listed = new List<string>();
        var error = await Assert.ThrowsAsync<StoreException>(async () =>
        {
            await foreach (var name in client.ListRepositoriesAsync(Cancellation))
                listed.Add(name);
        });
        Assert.Equal(StoreErrorKind.Denied, error.Kind);
        Assert.Equal(["a"], listed);
    }

    public ValueTask DisposeAsync() => _registry.DisposeAsync();
}
