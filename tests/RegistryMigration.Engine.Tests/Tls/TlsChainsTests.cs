using System.Net;
using System.Security.Cryptography.X509Certificates;
using RegistryMigration.Engine.Tests.Lab;
using RegistryMigration.Engine.Tls;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Tls;

public sealed class TlsChainsTests(LabFixture lab)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ceph_is_verified_by_the_authority_that_is_given_and_by_nobody_else()
    {
        await lab.RequireAsync("ceph");
        var endpoint = lab.Ceph.TlsEndpoint;
        var verified = await TlsChains.ReadAsync(endpoint.Host, endpoint.Port, new TlsOptions { CertificateAuthorityPath = lab.Ceph.CaFile }, null, Patience, Token);
        Assert.Equal((true, lab.Ceph.CaFile, true, false), (verified.IsVerified, verified.VerifiedBy, verified.IsComplete, verified.IsPinned));
        Assert.Empty(verified.Problems);
        Assert.Equal("CN=Lab CA", verified.Certificates[^1].Subject);
        Assert.Equal((await File.ReadAllTextAsync(lab.Ceph.CaFile, Token)).ReplaceLineEndings("\n"), verified.AuthoritiesPem);
        Assert.Equal($"{endpoint.Host}:{endpoint.Port}", verified.Server);

        var unknown = await ReadAsync(endpoint.Port);
        Assert.False(unknown.IsVerified || unknown.IsPinned);
        Assert.NotEmpty(unknown.Problems);
    }

    [Theory]
    [InlineData("good", true, "")]
    [InlineData("expired", false, "2020-02-01")]
    [InlineData("wrong host", false, "elsewhere.example, not for 127.0.0.1")]
    [InlineData("self-signed", false, "not trusted here")]
    public async Task What_is_wrong_is_told(string how, bool isVerified, string problem)
    {
        await lab.RequireAsync("tls");
        var files = how switch { "good" => lab.Tls.Good, "expired" => lab.Tls.Expired, "wrong host" => lab.Tls.WrongHost, _ => lab.Tls.SelfSigned };
        using var certificate = X509Certificate2.CreateFromPemFile(files.CertificateFile, files.KeyFile);
        await using var server = TlsListener.Showing(certificate);

        var chain = await ReadAsync(server.Port, lab.Tls.CaFile);

        Assert.Equal(isVerified, chain.IsVerified);
        Assert.Equal(isVerified, chain.Problems.Count == 0);
        Assert.Contains(problem, string.Join('\n', chain.Problems), StringComparison.Ordinal);
        Assert.True(chain.IsComplete);
        Assert.Equal(TestAuthority.Hash(certificate), chain.Certificates[0].Fingerprint);
        Assert.Equal(0, server.BytesRead);
        // Whoever has the fingerprint of this very certificate knows the server, whatever else it says.
        var pinned = await ReadAsync(server.Port, lab.Tls.CaFile, chain.Certificates[0].Fingerprint);
        Assert.True(pinned.IsPinned);
        // That of the authority stands for it only where signature, time and name are right.
        using var root = X509Certificate2.CreateFromPem(await File.ReadAllTextAsync(lab.Tls.CaFile, Token));
        Assert.Equal(isVerified, (await ReadAsync(server.Port, lab.Tls.CaFile, TestAuthority.Hash(root))).IsPinned);
    }

    [Fact]
    public async Task A_chain_without_its_root_is_verified_by_the_root_that_is_given_and_says_what_is_missing_without()
    {
        using var authority = new TestAuthority();
        await using var server = TlsListener.Showing(authority.Server, [authority.Between]);

        var alone = await ReadAsync(server.Port);
        Assert.False(alone.IsVerified || alone.IsComplete);
        Assert.Equal(2, alone.Certificates.Count);
        Assert.All(alone.Certificates, certificate => Assert.True(certificate.WasSent));
        Assert.Contains("CN=Test Root", Assert.Single(alone.Problems), StringComparison.Ordinal);
        Assert.Contains("CN=Test Root", alone.IncompleteNotice(), StringComparison.Ordinal);

        var pinned = await ReadAsync(server.Port, fingerprint: string.Join(':', alone.Certificates[1].Fingerprint.ToUpperInvariant().Chunk(2).Select(pair => new string(pair))));
        Assert.Equal((true, false, false), (pinned.IsPinned, pinned.IsVerified, pinned.IsComplete));

        using var file = new TemporaryPem(authority.Root);
        var given = await ReadAsync(server.Port, file.Path);
        Assert.Equal((true, true, 3), (given.IsVerified, given.IsComplete, given.Certificates.Count));
        Assert.False(given.Certificates[2].WasSent);
        Assert.Equal(authority.Between.ExportCertificatePem() + "\n" + authority.Root.ExportCertificatePem() + "\n", given.AuthoritiesPem);

        using var half = new TemporaryPem(authority.Between);
        Assert.False((await ReadAsync(server.Port, half.Path)).IsVerified);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_forged_signature_is_not_covered_by_the_pin_of_its_alleged_authority(bool withRoot)
    {
        using var authority = new TestAuthority();
        using var forged = TestAuthority.Forge(withRoot ? authority.Root : authority.Between);
        await using var server = TlsListener.Showing(forged, withRoot ? [authority.Root] : [authority.Between]);
        using var file = new TemporaryPem(authority.Root);

        foreach (var fingerprint in new[] { TestAuthority.Hash(authority.Root), TestAuthority.Hash(authority.Between) })
        {
            var chain = await ReadAsync(server.Port, file.Path, fingerprint);
            Assert.False(chain.IsVerified || chain.IsPinned, string.Join('\n', chain.Problems));
            Assert.NotEmpty(chain.Problems);
            Assert.False((await ReadAsync(server.Port, null, fingerprint)).IsPinned);
        }
    }

    [Fact]
    public async Task A_wrong_pin_is_a_problem_of_a_verified_chain()
    {
        using var authority = new TestAuthority();
        await using var server = TlsListener.Showing(authority.Server, [authority.Between]);
        using var file = new TemporaryPem(authority.Root);
        var chain = await ReadAsync(server.Port, file.Path, new string('a', 64));
        Assert.Equal((true, false), (chain.IsVerified, chain.IsPinned));
        Assert.Contains(new string('a', 64), Assert.Single(chain.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_name_is_asked_for_and_an_address_of_IPv6_is_one()
    {
        using var authority = new TestAuthority();
        using var file = new TemporaryPem(authority.Root);
        await using (var server = TlsListener.Showing(authority.Server, [authority.Between]))
        {
            Assert.True((await TlsChains.ReadAsync("localhost", server.Port, new TlsOptions { CertificateAuthorityPath = file.Path }, null, Patience, Token)).IsVerified);
            Assert.Equal("localhost", server.AskedFor);
        }

        await using var six = TlsListener.Showing(authority.Server, [authority.Between], IPAddress.IPv6Loopback);
        var chain = await TlsChains.ReadAsync("::1", six.Port, new TlsOptions { CertificateAuthorityPath = file.Path }, null, Patience, Token);
        Assert.Equal((true, $"[::1]:{six.Port}"), (chain.IsVerified, chain.Server));
    }

    [Fact]
    public async Task Who_does_not_speak_tls_is_told_apart_from_who_does_not_answer()
    {
        await using (var plain = TlsListener.Saying("HTTP/1.1 400 Bad Request\r\n\r\n"))
        {
            var failure = await FailsAsync(StoreErrorKind.Unsupported, "127.0.0.1", plain.Port, Patience);
            Assert.Contains("plain http", failure.Message, StringComparison.Ordinal);
        }

        await using (var silent = TlsListener.Silent())
        {
            var failure = await FailsAsync(StoreErrorKind.Unreachable, "127.0.0.1", silent.Port, TimeSpan.FromSeconds(0.5));
            Assert.Contains("0.5 s", failure.Message, StringComparison.Ordinal);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
            var reading = TlsChains.ReadAsync("127.0.0.1", silent.Port, new TlsOptions(), null, Patience, stop.Token);
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        }

        int gone;
        await using (var closing = TlsListener.Silent())
            gone = closing.Port;
        await FailsAsync(StoreErrorKind.Unreachable, "127.0.0.1", gone, Patience);
        await FailsAsync(StoreErrorKind.Unreachable, "nobody.invalid", 443, Patience);
    }

    private static Task<TlsCertificateChain> ReadAsync(int port, string? authorities = null, string? fingerprint = null) =>
        TlsChains.ReadAsync("127.0.0.1", port, new TlsOptions { CertificateAuthorityPath = authorities }, fingerprint, Patience, Token);

    private static async Task<StoreException> FailsAsync(StoreErrorKind kind, string host, int port, TimeSpan timeout)
    {
        var failure = await Assert.ThrowsAsync<StoreException>(() => TlsChains.ReadAsync(host, port, new TlsOptions(), null, timeout, Token));
        Assert.True(kind == failure.Kind, failure.ToString());
        Assert.Contains(FormattableString.Invariant($"{host}:{port}"), failure.Message, StringComparison.Ordinal);
        return failure;
    }

    private sealed class TemporaryPem : IDisposable
    {
        public TemporaryPem(X509Certificate2 certificate) => File.WriteAllText(Path, certificate.ExportCertificatePem());

        public string Path { get; } = System.IO.Path.GetTempFileName();

        public void Dispose() => File.Delete(Path);
    }
}
