using System.Text;
using RegistryMigration.Engine.Manifests;
using RegistryMigration.Engine.Registries.Proofs;
using RegistryMigration.Engine.Tests.Registries.StandIns;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Registries.Proofs;

/// <summary>What the proofs conclude from answers that docker-registry doesn't give.</summary>
public sealed class ProofTests : IAsyncDisposable
{
    private readonly StandInRegistry _registry = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    // Quay with DISABLE_PUSHES or REGISTRY_STATE: readonly.
    [InlineData(405, "UNSUPPORTED", "The operation is unsupported.", WriteVerdict.Refused)]
    // Harbor, src/server/middleware/readonly.
    [InlineData(403, "DENIED", "The system is in read only mode. Any modification is prohibited.", WriteVerdict.Refused)]
    [InlineData(403, "DENIED", "requested access to the resource is denied", WriteVerdict.Unproven)]
    [InlineData(401, "UNAUTHORIZED", "authentication required", WriteVerdict.Unproven)]
    [InlineData(404, "NAME_UNKNOWN", "project not found", WriteVerdict.Unproven)]
    [InlineData(500, "UNKNOWN", "read-only file system", WriteVerdict.Unproven)]
    public async Task Only_a_refusal_for_everybody_proves_read_only(int status, string code, string message, WriteVerdict verdict)
    {
        _registry.Override = request => request.Method == "POST" ? StandInResponse.Error(status, code, message) : null;
        using var client = _registry.Client();
        var result = await new PushProof(client, TimeProvider.System).ExpectRefusedAsync("library/probe", Cancellation);
        Assert.Equal((verdict, verdict == WriteVerdict.Refused, status), (result.Verdict, result.Ok, result.StatusCode!.Value));
        Assert.Contains(message.TrimEnd('.'), result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_upload_that_was_let_in_is_cancelled()
    {
        _registry.Override = request => request.Method switch
        {
            "POST" => new StandInResponse(202, null, ("Location", "/v2/p/blobs/uploads/1?_state=x")),
            "DELETE" => new StandInResponse(204),
            _ => null,
        };
        using var client = _registry.Client();
        var result = await new PushProof(client, TimeProvider.System).ExpectRefusedAsync("p", Cancellation);
        Assert.Equal((WriteVerdict.Accepted, false, (string?)null), (result.Verdict, result.Ok, result.Leftover));
        Assert.Equal("/v2/p/blobs/uploads/1?_state=x", _registry.Server.Requests.Single(r => r.Method == "DELETE").Target);
    }

    [Fact]
    public async Task An_upload_that_can_not_be_cancelled_is_named()
    {
        _registry.Override = request => request.Method == "POST" ? new StandInResponse(202, null, ("Location", "/v2/p/blobs/uploads/1")) : request.Method == "DELETE" ? StandInResponse.Error(403, "DENIED", "no") : null;
        using var client = _registry.Client();
        var result = await new PushProof(client, TimeProvider.System).ExpectRefusedAsync("p", Cancellation);
        Assert.Contains("upload session in p", result.Leftover, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_manifest_that_is_served_with_other_bytes_is_a_failure()
    {
        var reference = AddImage("a", "1", _registry.AddBlob("a", [1]), 1);
        var digest = Digest.OfSha256(_registry.Content["/v2/a/manifests/1"].Bytes);
        _registry.Override = request => request.Path == "/v2/a/manifests/1" ? new StandInResponse(200, "{}"u8.ToArray(), ("Docker-Content-Digest", digest.ToString())) : null;
        var result = Assert.Single(await PullAsync(reference));
        Assert.Equal((ImagePart.Manifest, StoreErrorKind.Integrity), (result.Failures.Single().Part, result.Failures.Single().Kind));
    }

    [Fact]
    public async Task A_manifest_that_is_none_is_a_failure()
    {
        _registry.Content["/v2/a/manifests/1"] = ("text/html", "<html>"u8.ToArray());
        var result = Assert.Single(await PullAsync(ImageReference.ByTag("a", "1")));
        Assert.Equal(StoreErrorKind.Integrity, Assert.Single(result.Failures).Kind);
    }

    [Fact]
    public async Task A_signed_manifest_of_schema_1_is_proven_by_what_was_signed()
    {
        var layer = _registry.AddBlob("old", [7]);
        const string tail = "\n}";
        var body = "{\n   \"schemaVersion\": 1,\n   \"name\": \"old\",\n   \"fsLayers\": [{\"blobSum\": \"" + layer + "\"}]";
        var header = Base64Url($$"""{"formatLength":{{body.Length}},"formatTail":"{{Base64Url(tail)}}","time":"2015-01-01T00:00:00Z"}""");
        var signed = body + ",\n   \"signatures\": [{\"header\":{\"alg\":\"ES256\"},\"signature\":\"x\",\"protected\":\"" + header + "\"}]" + tail;
        var digest = Digest.OfSha256(Encoding.UTF8.GetBytes(body + tail));
        _registry.Content[$"/v2/old/manifests/{digest}"] = (MediaTypes.DockerSchema1Signed, Encoding.UTF8.GetBytes(signed));
        var result = Assert.Single(await PullAsync(ImageReference.ByDigest("old", digest)));
        Assert.True(result.Ok, string.Join("; ", result.Failures));
        Assert.Equal((digest, 1, 1), (result.Digest!.Value, result.Manifests, result.Blobs));

        _registry.Content[$"/v2/old/manifests/{digest}"] = (MediaTypes.DockerSchema1Signed, Encoding.UTF8.GetBytes(signed.Replace("\"old\"", "\"new\"", StringComparison.Ordinal)));
        Assert.Equal(StoreErrorKind.Integrity, Assert.Single(Assert.Single(await PullAsync(ImageReference.ByDigest("old", digest))).Failures).Kind);
    }

    [Fact]
    public async Task A_blob_that_failed_is_asked_for_once_per_run()
    {
        var lost = Digest.OfSha256([5, 5]);
        var references = Enumerable.Range(0, 5).Select(i => AddImage("a", $"t{i}", lost, 2, label: $"{i}")).ToArray();
        var results = await PullAsync(references);
        Assert.All(results, r => Assert.Equal((lost, StoreErrorKind.NotFound), (r.Failures.Single().Digest!.Value, r.Failures.Single().Kind)));
        Assert.Single(_registry.Server.Requests, r => r.Path == $"/v2/a/blobs/{lost}");
    }

    [Fact]
    public async Task What_one_repository_lacks_another_may_serve()
    {
        var blob = _registry.AddBlob("b", [6]);
        var results = await PullAsync(AddImage("a", "1", blob, 1), AddImage("b", "1", blob, 1));
        Assert.Equal([false, true], results.OrderBy(r => r.Reference.Repository, StringComparer.Ordinal).Select(r => r.Ok));
    }

    [Fact]
    public async Task A_manifest_that_lies_about_a_size_is_found_though_the_blob_is_known()
    {
        var blob = _registry.AddBlob("a", [1, 2]);
        var honest = AddImage("a", "1", blob, 2, label: "1");
        var lying = AddImage("a", "2", blob, 3, label: "2");
        using var client = _registry.Client();
        var results = await new PullProof(client, new PullOptions { Concurrency = 1 }, TimeProvider.System).RunAsync([honest, lying], Cancellation).ToListAsync(Cancellation);
        Assert.Equal([true, false], results.Select(r => r.Ok));
        Assert.Equal(StoreErrorKind.Integrity, results[1].Failures.Single().Kind);
    }

    [Fact]
    public async Task Leaving_early_ends_all_requests()
    {
        var blob = _registry.AddBlob("a", [1]);
        var references = Enumerable.Range(0, 200).Select(i => AddImage("a", $"t{i}", blob, 1, label: $"{i}")).ToList();
        using var client = _registry.Client();
        await foreach (var result in new PullProof(client, new PullOptions { Concurrency = 2 }, TimeProvider.System).RunAsync(references, Cancellation))
        {
            Assert.True(result.Ok);
            break;
        }

        // What was on its way may still arrive.
        await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Cancellation);
        var asked = _registry.Server.Requests.Count;
        Assert.InRange(asked, 3, 60);
        await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Cancellation);
        Assert.Equal(asked, _registry.Server.Requests.Count);
    }

    [Fact]
    public async Task A_catalog_that_is_denied_concludes_nothing()
    {
        _registry.Override = request => request.Path == "/v2/_catalog" ? StandInResponse.Error(403, "DENIED", "admins only") : null;
        using var client = _registry.Client();
        var error = await Assert.ThrowsAsync<StoreException>(async () => await new PullProof(client, new PullOptions(), TimeProvider.System).RunAsync(Cancellation).ToListAsync(Cancellation));
        Assert.Equal(StoreErrorKind.Denied, error.Kind);
    }

    public ValueTask DisposeAsync() => _registry.DisposeAsync();

    private async Task<List<PullResult>> PullAsync(params ImageReference[] references)
    {
        using var client = _registry.Client();
        return await new PullProof(client, new PullOptions(), TimeProvider.System).RunAsync(references, Cancellation).ToListAsync(Cancellation);
    }

    private ImageReference AddImage(string repository, string tag, Digest layer, int size, string label = "")
    {
        var config = Encoding.UTF8.GetBytes($$"""{"architecture":"amd64","os":"linux","author":"{{label}}"}""");
        _registry.AddBlob(repository, config);
        var manifest = $$"""
            {"schemaVersion":2,"mediaType":"{{MediaTypes.OciManifest}}",
            "config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{{Digest.OfSha256(config)}}","size":{{config.Length}}},
            "layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"{{layer}}","size":{{size}}}]}
            """;
        _registry.Content[$"/v2/{repository}/manifests/{tag}"] = (MediaTypes.OciManifest, Encoding.UTF8.GetBytes(manifest));
        return ImageReference.ByTag(repository, tag);
    }

    private static string Base64Url(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
}
