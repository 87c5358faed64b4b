using RegistryMigration.Clusters.Kubernetes.Authentication;
using RegistryMigration.Clusters.Tests.Support;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Tests.Kubernetes.Authentication;

public sealed class TokenFileCredentialsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ManualTime _time = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_file_is_read_again_after_a_minute()
    {
        var file = _folder.Write("token", "first\n");
        using var credentials = new TokenFileCredentials(file, null, null, _time);
        Assert.Equal("first", await CurrentAsync(credentials));
        _folder.Write("token", "second");
        Assert.Equal("first", await CurrentAsync(credentials));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("second", await CurrentAsync(credentials));
    }

    [Fact]
    public async Task After_a_refusal_only_a_new_token_is_worth_another_request()
    {
        using var credentials = new TokenFileCredentials(_folder.Write("token", "first"), null, null, _time);
        var refused = await credentials.GetAsync(Token);
        Assert.False(await credentials.RenewAsync(refused, Token));
        _folder.Write("token", "second");
        Assert.True(await credentials.RenewAsync(refused, Token));
    }

    [Fact]
    public async Task While_it_is_replaced_the_last_token_stays()
    {
        var file = _folder.Write("token", "first");
        using var credentials = new TokenFileCredentials(file, null, null, _time);
        await CurrentAsync(credentials);
        File.Delete(file);
        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal("first", await CurrentAsync(credentials));
    }

    [Fact]
    public async Task A_missing_file_falls_back_to_the_token_beside_it_or_is_an_error()
    {
        var missing = Path.Combine(_folder.Path, "missing");
        using var beside = new TokenFileCredentials(missing, new Secret("beside"), null, _time);
        Assert.Equal("beside", await CurrentAsync(beside));
        using var alone = new TokenFileCredentials(missing, null, null, _time);
        Assert.Equal(ClusterErrorKind.Configuration, (await Assert.ThrowsAsync<ClusterException>(() => CurrentAsync(alone))).Kind);
        using var empty = new TokenFileCredentials(_folder.Write("empty", " \n"), null, null, _time);
        Assert.Contains("is empty", (await Assert.ThrowsAsync<ClusterException>(() => CurrentAsync(empty))).Message, StringComparison.Ordinal);
    }

    private static async Task<string?> CurrentAsync(TokenFileCredentials credentials) => (await credentials.GetAsync(Token)).Authorization?.Parameter;
}
