using RegistryMigration.Engine.Resilience;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Engine.Tests.Registries.StandIns;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Registries;

/// <summary>Reading through redirects, cuts, stalls and lies.</summary>
public sealed class TransferTests : IAsyncDisposable
{
    private readonly StandInRegistry _registry = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Credentials_do_not_follow_a_redirect_to_another_origin()
    {
        var bytes = Bytes(1000);
        await using var storage = new StandInServer(_ => new StandInResponse(200, bytes));
        RequireBasic();
        // Same host, another port: another origin.
        _registry.Override = request => request.Path.Contains("/blobs/", StringComparison.Ordinal) ? new StandInResponse(307, null, ("Location", new Uri(storage.Url, "bucket/data?X-Amz-Signature=secret-signature").ToString())) : null;
        using var client = _registry.Client("robot", "right");
        Assert.Equal(1000, await client.VerifyBlobAsync("a", Digest.OfSha256(bytes), 1000, Cancellation));
        Assert.NotNull(_registry.Server.Requests.Last().Authorization);
        var seen = Assert.Single(storage.Requests);
        Assert.Equal("/bucket/data?X-Amz-Signature=secret-signature", seen.Target);
        Assert.Null(seen.Authorization);
    }

    [Fact]
    public async Task Credentials_stay_away_when_the_storage_leads_back()
    {
        var bytes = Bytes(10);
        await using var storage = new StandInServer(_ => new StandInResponse(302, null, ("Location", new Uri(_registry.Server.Url, "open").ToString())));
        RequireBasic();
        _registry.Content["/open"] = ("application/octet-stream", bytes);
        _registry.Override = request => request.Path.Contains("/blobs/", StringComparison.Ordinal) ? new StandInResponse(307, null, ("Location", storage.Url.ToString())) : null;
        using var client = _registry.Client("robot", "right");
        await client.VerifyBlobAsync("a", Digest.OfSha256(bytes), 10, Cancellation);
        Assert.Null(_registry.Server.Requests.Single(r => r.Path == "/open").Authorization);
    }

    [Fact]
    public async Task Credentials_stay_within_one_origin()
    {
        var bytes = Bytes(10);
        RequireBasic();
        _registry.Content["/elsewhere"] = ("application/octet-stream", bytes);
        _registry.Override = request => request.Path.Contains("/blobs/", StringComparison.Ordinal) ? new StandInResponse(307, null, ("Location", "/elsewhere")) : null;
        using var client = _registry.Client("robot", "right");
        await client.VerifyBlobAsync("a", Digest.OfSha256(bytes), 10, Cancellation);
        Assert.NotNull(_registry.Server.Requests.Single(r => r.Path == "/elsewhere").Authorization);
    }

    [Fact]
    public async Task A_refusal_by_the_storage_is_told_from_one_by_the_registry()
    {
        await using var storage = new StandInServer(_ => new StandInResponse(401, "<Error/>"u8.ToArray(), ("Www-Authenticate", "Basic realm=\"tempurl\"")));
        RequireBasic();
        _registry.Override = request => request.Path.Contains("/blobs/", StringComparison.Ordinal) ? new StandInResponse(307, null, ("Location", new Uri(storage.Url, "x?temp_url_sig=secret-signature").ToString())) : null;
        using var client = _registry.Client("robot", "right");
        var error = await Assert.ThrowsAsync<StoreException>(() => client.VerifyBlobAsync("a", Digest.EmptySha256, 0, Cancellation));
        Assert.Contains(storage.Url.Authority, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-signature", error.ToString(), StringComparison.Ordinal);
        Assert.Null(Assert.Single(storage.Requests).Authorization);
    }

    [Fact]
    public async Task Redirects_in_a_circle_end()
    {
        _registry.Override = request => request.Path.Contains("/blobs/", StringComparison.Ordinal) ? new StandInResponse(307, null, ("Location", request.Target)) : null;
        using var client = _registry.Client();
        var error = await Assert.ThrowsAsync<StoreException>(() => client.VerifyBlobAsync("a", Digest.EmptySha256, 0, Cancellation));
        Assert.Contains("more than 5 redirects", error.Message, StringComparison.Ordinal);
        Assert.Equal(1 + 6, _registry.Server.Requests.Count);
    }

    [Fact]
    public async Task A_registry_that_has_moved_is_named()
    {
        _registry.Gate = _ => new StandInResponse(301, null, ("Location", "https://registry.example.com/v2/"));
        using var client = _registry.Client();
        var error = await Assert.ThrowsAsync<StoreException>(() => client.VerifyBlobAsync("a", Digest.EmptySha256, 0, Cancellation));
        Assert.Contains("https://registry.example.com", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_cut_body_goes_on_where_it_was_cut(bool rangesAreKnown)
    {
        var bytes = Bytes(300_000);
        var digest = _registry.AddBlob("a", bytes);
        var cuts = 0;
        _registry.Override = request => !request.Path.Contains("/blobs/", StringComparison.Ordinal) ? null
            : cuts++ < 2 && !request.Headers.ContainsKey("Range") ? new StandInResponse(200, bytes) { CutAfter = 100_000 }
            : rangesAreKnown ? null : new StandInResponse(200, bytes);
        using var client = _registry.Client();
        using var copy = new MemoryStream();
        Assert.Equal(bytes.Length, await client.ReadBlobAsync("a", digest, copy, Cancellation));
        Assert.Equal(bytes, copy.ToArray());
        var asked = _registry.Server.Requests.Where(r => r.Path.Contains("/blobs/", StringComparison.Ordinal)).ToList();
        Assert.Equal(2, asked.Count);
        Assert.StartsWith("bytes=", asked[1].Headers["Range"], StringComparison.Ordinal);
        Assert.Equal(1, client.Traffic.Retries);
    }

    [Fact]
    public async Task A_stalled_body_is_cut_and_goes_on()
    {
        var bytes = Bytes(50_000);
        var digest = _registry.AddBlob("a", bytes);
        _registry.Override = request => request.Path.Contains("/blobs/", StringComparison.Ordinal) && !request.Headers.ContainsKey("Range") ? new StandInResponse(200, bytes) { StallAfter = 20_000 } : null;
        using var client = _registry.Client(context: StandInRegistry.Impatient with { StallTimeout = TimeSpan.FromMilliseconds(300) });
        Assert.Equal(bytes.Length, await client.VerifyBlobAsync("a", digest, bytes.Length, Cancellation));
    }

    [Fact]
    public async Task A_registry_that_never_answers_is_stalled()
    {
        _registry.Override = request => request.Path.Contains("/blobs/", StringComparison.Ordinal) ? new StandInResponse(200, Bytes(10)) { StallAfter = 0 } : null;
        var once = new RetryPolicy(new RetryOptions { Attempts = 1 }, TimeProvider.System);
        using var client = _registry.Client(context: new StoreContext { Retry = once, StallTimeout = TimeSpan.FromMilliseconds(200) });
        var error = await Assert.ThrowsAsync<StoreException>(() => client.VerifyBlobAsync("a", Digest.EmptySha256, 10, Cancellation));
        Assert.Equal(StoreErrorKind.Stalled, error.Kind);
    }

    [Fact]
    public async Task The_callers_token_ends_a_transfer_as_a_cancellation()
    {
        _registry.Override = request => request.Path.Contains("/blobs/", StringComparison.Ordinal) ? new StandInResponse(200, Bytes(10)) { StallAfter = 5 } : null;
        using var client = _registry.Client();
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.VerifyBlobAsync("a", Digest.EmptySha256, 10, stop.Token));
    }

    [Fact]
    public async Task Other_bytes_than_the_digest_says_are_an_integrity_error_and_not_asked_for_again()
    {
        var digest = Digest.OfSha256([1, 2, 3]);
        _registry.Content[$"/v2/a/blobs/{digest}"] = ("application/octet-stream", [1, 2, 4]);
        using var client = _registry.Client();
        var error = await Assert.ThrowsAsync<StoreException>(() => client.VerifyBlobAsync("a", digest, 3, Cancellation));
        Assert.Equal((StoreErrorKind.Integrity, digest.ToString()), (error.Kind, error.Key));
        Assert.Equal(2, _registry.Server.Requests.Count);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public async Task Another_size_than_the_manifest_says_is_an_integrity_error(long said)
    {
        var digest = _registry.AddBlob("a", [1, 2, 3]);
        using var client = _registry.Client();
        var error = await Assert.ThrowsAsync<StoreException>(() => client.VerifyBlobAsync("a", digest, said, Cancellation));
        Assert.Equal(StoreErrorKind.Integrity, error.Kind);
    }

    [Fact]
    public async Task Sha512_is_checked_with_sha512()
    {
        var digest = Digest.FromHash("sha512", System.Security.Cryptography.SHA512.HashData([9]));
        _registry.Content[$"/v2/a/blobs/{digest}"] = ("application/octet-stream", [9]);
        using var client = _registry.Client();
        Assert.Equal(1, await client.VerifyBlobAsync("a", digest, null, Cancellation));
    }

    [Theory]
    [InlineData(503, "UNAVAILABLE")]
    [InlineData(500, "UNKNOWN")]
    [InlineData(429, "TOOMANYREQUESTS")]
    public async Task What_passes_is_asked_for_again(int status, string code)
    {
        var digest = _registry.AddBlob("a", [1]);
        var failures = 3;
        _registry.Override = request => failures-- > 0 ? StandInResponse.Error(status, code, "busy") : null;
        using var client = _registry.Client();
        Assert.Equal(1, await client.VerifyBlobAsync("a", digest, 1, Cancellation));
    }

    [Fact]
    public async Task The_registrys_own_words_are_in_the_error_on_one_line()
    {
        _registry.Override = request => request.Path.Contains("/manifests/", StringComparison.Ordinal) ? StandInResponse.Error(404, "MANIFEST_UNKNOWN", "manifest\\nunknown") : null;
        using var client = _registry.Client();
        var error = await Assert.ThrowsAsync<StoreException>(() => client.GetManifestAsync(ImageReference.Parse("a/b:1"), Cancellation));
        Assert.Equal((StoreErrorKind.NotFound, 404), (error.Kind, error.StatusCode!.Value));
        Assert.Contains("manifest a/b:1: 404 MANIFEST_UNKNOWN: manifest unknown.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_login_page_is_no_registry()
    {
        _registry.Gate = _ => new StandInResponse(404, "<html>"u8.ToArray());
        using var client = _registry.Client();
        var error = await Assert.ThrowsAsync<StoreException>(() => client.GetManifestAsync(ImageReference.Parse("a"), Cancellation));
        Assert.Contains("no registry", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_at_the_address_is_said_at_once()
    {
        await _registry.DisposeAsync();
        using var client = _registry.Client();
        var error = await Assert.ThrowsAsync<StoreException>(() => client.GetManifestAsync(ImageReference.Parse("a"), Cancellation));
        Assert.Equal(StoreErrorKind.Unreachable, error.Kind);
    }

    [Theory]
    [InlineData("../../admin")]
    [InlineData("a//b")]
    [InlineData("./a")]
    public async Task Names_do_not_lead_to_other_paths(string repository)
    {
        using var client = _registry.Client();
        var error = await Assert.ThrowsAsync<StoreException>(async () => await client.ListTagsAsync(repository, Cancellation).ToListAsync(Cancellation));
        Assert.Equal(StoreErrorKind.InvalidKey, error.Kind);
        Assert.Empty(_registry.Server.Requests);
    }

    public ValueTask DisposeAsync() => _registry.DisposeAsync();

    private void RequireBasic() => _registry.Gate = request => request.Path == "/open" || request.Authorization is not null ? null : StandInResponse.Error(401, "UNAUTHORIZED", "authentication required", ("Www-Authenticate", "Basic realm=\"x\""));

    private static byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        new Random(count).NextBytes(bytes);
        return bytes;
    }
}
