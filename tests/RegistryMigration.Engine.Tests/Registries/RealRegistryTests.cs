using RegistryMigration.Engine.Registries;
using RegistryMigration.Engine.Registries.Proofs;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Engine.Tests.Lab;
using RegistryMigration.Engine.Tests.Registries.Images;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Registries;

/// <summary>The client and both proofs against docker-registry on each of its backends.</summary>
public sealed class RealRegistryTests(LabFixture lab) : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("registries-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("registry-fs", 6, true, false)]
    [InlineData("registry-s3", 12, false, true)]
    [InlineData("registry-s3swift", 6, false, true)]
    [InlineData("registry-swift", 25, false, true)]
    [InlineData("registry-swift-ks", 6, false, false)]
    public async Task Every_shape_of_image_is_pushed_and_pulled_back(string backend, int largeMebibytes, bool emptyLayer, bool redirects)
    {
        await lab.RequireAsync(backend);
        using var client = Client(lab.Registry(backend));
        var prefix = "every-" + Guid.NewGuid().ToString("n")[..8];
        var samples = await SampleImages.PushAllAsync(client, new SampleOptions { Prefix = prefix, LargeBlobBytes = largeMebibytes << 20, EmptyLayer = emptyLayer }, Cancellation);

        // Whether the pulls below lead through the storage's own signed addresses.
        var large = samples["large blob"];
        using var plain = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        using (var answer = await plain.GetAsync(new Uri(lab.Registry(backend), $"v2/{large.References[0].Repository}/blobs/{large.Blobs.First()}"), HttpCompletionOption.ResponseHeadersRead, Cancellation))
            Assert.Equal(redirects, answer.StatusCode == System.Net.HttpStatusCode.TemporaryRedirect);

        var results = await PullAsync(client, new PullOptions { Repositories = [prefix + "/*"] });
        Assert.Equal(samples.Tags.SelectMany(tags => tags).Count(), results.Count);
        foreach (var result in results)
            samples[result.Reference].ShouldMatch(result);

        // Dedupe: what several tags and repositories share came once.
        var referrer = samples["referrer with subject"];
        Assert.Equal(samples.Blobs.Count - referrer.Blobs.Count, results.Sum(r => r.Blobs - r.SharedBlobs));
        referrer.ShouldMatch(Assert.Single(await PullAsync(client, referrer.References)));
    }

    [Fact]
    public async Task Foreign_layers_are_expected_absences()
    {
        await using var registry = await StartAsync("delete: {enabled: true}", SampleOptions.ForeignLayerConfig);
        using var client = Client(registry.BaseUrl);
        var samples = await SampleImages.PushAllAsync(client, new SampleOptions { ForeignLayer = true }, Cancellation);
        var foreign = samples["foreign layer"];
        foreign.ShouldMatch(Assert.Single(await PullAsync(client, foreign.References)));
    }

    [Fact]
    public async Task A_missing_manifest_of_an_index_is_reported()
    {
        await using var registry = await StartAsync("delete: {enabled: true}");
        using var client = Client(registry.BaseUrl);
        var samples = await SampleImages.PushAllAsync(client, new SampleOptions(), Cancellation);
        var index = samples["OCI index"];
        var document = (await client.GetManifestAsync(index.References[0], Cancellation)).Document;
        var lost = document.Children.First(child => child.Platform!.Architecture == "arm64").Digest;
        Assert.Equal(DeleteOutcome.Deleted, await client.DeleteManifestAsync(index.References[0].Repository, lost, Cancellation));

        var result = Assert.Single(await PullAsync(client, index.References));
        var failure = Assert.Single(result.Failures);
        Assert.Equal((ImagePart.ChildManifest, lost, StoreErrorKind.NotFound), (failure.Part, failure.Digest!.Value, failure.Kind));
        Assert.Contains("MANIFEST_UNKNOWN", failure.Message, StringComparison.Ordinal);
        Assert.Equal(2, result.Manifests);

        var one = Assert.Single(await PullAsync(client, index.References, new PullOptions { Platform = "linux/amd64" }));
        Assert.True(one.Ok);
        Assert.Equal((2, 3, 1), (one.Manifests, one.Blobs, one.OtherPlatforms));
        var none = Assert.Single(await PullAsync(client, index.References, new PullOptions { Platform = "windows/amd64" }));
        Assert.Contains("linux/arm64", Assert.Single(none.Failures).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Damage_in_the_store_shows_in_every_image_concerned()
    {
        await using var registry = await StartAsync("delete: {enabled: true}");
        using var client = Client(registry.BaseUrl);
        var samples = await SampleImages.PushAllAsync(client, new SampleOptions(), Cancellation);
        var shared = samples["schema 2, several tags"].Blobs.Intersect(samples["mounted from another repository"].Blobs).Single();
        var path = BlobPath(shared);
        var bytes = await File.ReadAllBytesAsync(path, Cancellation);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(path, bytes, Cancellation);

        var results = await PullAsync(client, samples.References);
        var broken = results.Where(r => !r.Ok).ToList();
        Assert.Equal(4, broken.Count);
        Assert.All(broken, r => Assert.Equal((ImagePart.Layer, (Digest?)shared, StoreErrorKind.Integrity), (r.Failures.Single().Part, r.Failures.Single().Digest, r.Failures.Single().Kind)));
    }

    [Fact]
    public async Task A_layer_link_missing_in_one_repository_is_seen_though_the_bytes_are_good()
    {
        await using var registry = await StartAsync("delete: {enabled: true}");
        using var client = Client(registry.BaseUrl);
        var samples = await SampleImages.PushAllAsync(client, new SampleOptions(), Cancellation);
        var mounted = samples["mounted from another repository"];
        var shared = samples["schema 2, several tags"].Blobs.Intersect(mounted.Blobs).Single();
        Assert.Equal(DeleteOutcome.Deleted, await client.DeleteBlobAsync(mounted.References[0].Repository, shared, Cancellation));

        var results = await PullAsync(client, samples.References);
        var failure = Assert.Single(Assert.Single(results, r => !r.Ok).Failures);
        Assert.Equal((mounted.References[0].Repository, StoreErrorKind.NotFound), (failure.Repository, failure.Kind));
    }

    [Fact]
    public async Task A_draw_is_repeatable_and_of_the_size_asked_for()
    {
        await using var registry = await StartAsync("delete: {enabled: true}");
        using var client = Client(registry.BaseUrl);
        await SampleImages.PushAllAsync(client, new SampleOptions(), Cancellation);
        async Task<HashSet<ImageReference>> DrawAsync(int seed) => [.. (await PullAsync(client, new PullOptions { Sample = 4, Seed = seed })).Select(r => r.Reference)];
        var first = await DrawAsync(7);
        Assert.Equal(4, first.Count);
        Assert.Equal(first, await DrawAsync(7));
        Assert.Contains(await Task.WhenAll(Enumerable.Range(8, 5).Select(DrawAsync)), other => !other.SetEquals(first));
    }

    [Fact]
    public async Task A_probe_is_pushed_pulled_back_and_deleted()
    {
        await using var registry = await StartAsync("delete: {enabled: true}");
        using var client = Client(registry.BaseUrl);
        var result = await new PushProof(client, TimeProvider.System).PushAsync(cancellationToken: Cancellation);
        Assert.True(result.Ok, result.Message);
        Assert.Equal((WriteVerdict.Accepted, ProbeCleanup.Deleted, (string?)null), (result.Verdict, result.Cleanup, result.Leftover));
        Assert.StartsWith("registrymigration-probe/", result.Repository, StringComparison.Ordinal);
        Assert.Null(await client.HeadManifestAsync(result.Reference!, Cancellation));
        Assert.Empty(await TagsAsync(client, result.Repository));
    }

    [Fact]
    public async Task Where_deletion_is_disabled_the_leftover_is_named()
    {
        await using var registry = await StartAsync("delete: {enabled: false}");
        using var client = Client(registry.BaseUrl);
        var result = await new PushProof(client, TimeProvider.System).PushAsync("probes/mine", Cancellation);
        Assert.True(result.Ok, result.Message);
        Assert.Equal(ProbeCleanup.DeletionDisabled, result.Cleanup);
        Assert.Contains(result.Reference!.ToString(), result.Leftover, StringComparison.Ordinal);
        Assert.NotNull(await client.HeadManifestAsync(result.Reference, Cancellation));
    }

    [Fact]
    public async Task A_read_only_registry_proves_that_it_refuses_writes()
    {
        await using var registry = await StartAsync("maintenance: {readonly: {enabled: true}}");
        using var client = Client(registry.BaseUrl);
        var proof = new PushProof(client, TimeProvider.System);
        var refused = await proof.ExpectRefusedAsync(cancellationToken: Cancellation);
        Assert.Equal((true, true, 405), (refused.Ok, refused.Refused, refused.StatusCode!.Value));
        var push = await proof.PushAsync(cancellationToken: Cancellation);
        Assert.Equal((false, WriteVerdict.Refused), (push.Ok, push.Verdict));
        Assert.False(Directory.Exists(Path.Combine(_directory, "docker")));
    }

    [Fact]
    public async Task A_writable_registry_fails_the_refusal_proof_and_keeps_no_upload()
    {
        await using var registry = await StartAsync("delete: {enabled: true}");
        using var client = Client(registry.BaseUrl);
        var result = await new PushProof(client, TimeProvider.System).ExpectRefusedAsync(cancellationToken: Cancellation);
        Assert.Equal((false, WriteVerdict.Accepted, (string?)null), (result.Ok, result.Verdict, result.Leftover));
        // docker-registry 2.8.2 stores the state of its hash once more when it closes the upload that it has just deleted.
        Assert.All(Directory.EnumerateFiles(_directory, "*", SearchOption.AllDirectories), file => Assert.Contains("/hashstates/", file, StringComparison.Ordinal));
        Assert.Empty(await client.ListRepositoriesAsync(Cancellation).ToListAsync(Cancellation));
    }

    [Fact]
    public async Task Chunked_uploads_arrive_whole()
    {
        await using var registry = await StartAsync("delete: {enabled: true}");
        using var client = Client(registry.BaseUrl);
        var bytes = new byte[2_500_000];
        new Random(3).NextBytes(bytes);
        var digest = Digest.OfSha256(bytes);
        await client.UploadBlobAsync("chunks", new StoreContent(bytes) { Sha256 = digest }, 1_000_000, Cancellation);
        using var copy = new MemoryStream();
        Assert.Equal(bytes.Length, await client.ReadBlobAsync("chunks", digest, copy, Cancellation));
        Assert.Equal(bytes, copy.ToArray());
        Assert.Equal(bytes.Length, await client.HeadBlobAsync("chunks", digest, Cancellation));
    }

    [Fact]
    public async Task Basic_authentication_is_answered_and_wrong_passwords_are_named()
    {
        var users = Path.Combine(_directory, "htpasswd");
        // bcrypt of "s3cret-word", as htpasswd -B writes it.
        await File.WriteAllTextAsync(users, "robot:$2b$05$5JIISevlJXfTODDnCbqYeO02MoM/6UohXgMGQ35mL2emaXuq685qS\n", Cancellation);
        await using var registry = await StartAsync("delete: {enabled: true}", $"auth: {{htpasswd: {{realm: lab, path: {users}}}}}\n");
        using (var client = Client(registry.BaseUrl, "robot", "s3cret-word"))
            Assert.True((await new PushProof(client, TimeProvider.System).PushAsync(cancellationToken: Cancellation)).Ok);
        using var wrong = Client(registry.BaseUrl, "robot", "not-the-word");
        var result = await new PushProof(wrong, TimeProvider.System).ExpectRefusedAsync(cancellationToken: Cancellation);
        Assert.Equal((false, WriteVerdict.Unproven, 401), (result.Ok, result.Verdict, result.StatusCode!.Value));
        Assert.DoesNotContain("not-the-word", result.Message, StringComparison.Ordinal);
        using var nobody = Client(registry.BaseUrl);
        var error = await Assert.ThrowsAsync<StoreException>(async () => await TagsAsync(nobody, "any"));
        Assert.Equal(StoreErrorKind.Unauthenticated, error.Kind);
        Assert.Contains("user name and password", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_catalog_of_several_pages_is_read_to_its_end()
    {
        await using var registry = await StartAsync("delete: {enabled: true}");
        var names = Enumerable.Range(0, 2_050).Select(i => $"many/r{i:0000}").ToList();
        foreach (var name in names)
            Directory.CreateDirectory(Path.Combine(_directory, "docker/registry/v2/repositories", name, "_layers"));
        using var client = Client(registry.BaseUrl);
        var listed = new List<string>();
        await foreach (var name in client.ListRepositoriesAsync(Cancellation))
            listed.Add(name);
        Assert.Equal(names, listed);
        Assert.Empty(await TagsAsync(client, names[0]));
    }

    [Fact]
    public async Task An_unknown_authority_is_a_certificate_error_and_the_right_one_works()
    {
        await lab.RequireAsync("tls");
        await using var registry = await StartAsync("delete: {enabled: true}", $"http: {{tls: {{certificate: {lab.Tls.Good.CertificateFile}, key: {lab.Tls.Good.KeyFile}}}}}\n");
        using var strange = Client(registry.BaseUrl);
        var error = await Assert.ThrowsAsync<StoreException>(() => new PushProof(strange, TimeProvider.System).PushAsync(cancellationToken: Cancellation));
        Assert.Equal(StoreErrorKind.Certificate, error.Kind);
        using var trusting = new RegistryClient(new RegistryEndpoint(registry.BaseUrl.ToString()) { Tls = new TlsOptions { CertificateAuthorityPath = lab.Tls.CaFile } });
        Assert.True((await new PushProof(trusting, TimeProvider.System).PushAsync(cancellationToken: Cancellation)).Ok);
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private Task<LabRegistry> StartAsync(string storage, string more = "") =>
        lab.StartRegistryAsync($"version: 0.1\nstorage:\n  filesystem: {{rootdirectory: {_directory}}}\n  {storage}\n{more}");

    private string BlobPath(Digest digest) => Path.Combine(_directory, "docker/registry/v2/blobs/sha256", digest.Shard, digest.Hex, "data");

    private static RegistryClient Client(Uri url, string? user = null, string? password = null) =>
        new(new RegistryEndpoint(url.ToString()) { UserName = user, Password = password is null ? null : new Secret(password) });

    private static Task<List<PullResult>> PullAsync(RegistryClient client, PullOptions options) =>
        new PullProof(client, options, TimeProvider.System).RunAsync(Cancellation).ToListAsync(Cancellation).AsTask();

    private static Task<List<PullResult>> PullAsync(RegistryClient client, IEnumerable<ImageReference> references, PullOptions? options = null) =>
        new PullProof(client, options ?? new PullOptions(), TimeProvider.System).RunAsync(references, Cancellation).ToListAsync(Cancellation).AsTask();

    private static Task<List<string>> TagsAsync(RegistryClient client, string repository) => client.ListTagsAsync(repository, Cancellation).ToListAsync(Cancellation).AsTask();
}
