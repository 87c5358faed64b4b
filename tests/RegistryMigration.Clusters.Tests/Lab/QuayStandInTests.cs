using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using RegistryMigration.Lab.Cluster;

namespace RegistryMigration.Clusters.Tests.Lab;

/// <summary>The stand-in of Quay refuses what Quay refuses, and keeps blobs where Quay does.</summary>
public sealed class QuayStandInTests(KubeLab lab)
{
    private const string Rados = "DISTRIBUTED_STORAGE_PREFERENCE: [default]\nDISTRIBUTED_STORAGE_CONFIG:\n  default: [RadosGWStorage, {hostname: h, is_secure: true, ";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Rados + "storage_path: /, access_key: a, secret_key: s, bucket_name: b, storage_class: x}]", "TypeError: RadosGWStorage.__init__() got an unexpected keyword argument 'storage_class'")]
    [InlineData(Rados + "access_key: a, secret_key: s}]", "TypeError: RadosGWStorage.__init__() missing 2 required positional arguments: 'storage_path' and 'bucket_name'")]
    [InlineData("DISTRIBUTED_STORAGE_PREFERENCE: [default]\nDISTRIBUTED_STORAGE_CONFIG:\n  default: [RadosStorage, {hostname: h}]", "TypeError: FakeStorage.__init__() got an unexpected keyword argument 'hostname'")]
    [InlineData("DISTRIBUTED_STORAGE_CONFIG:\n  default: [LocalStorage, {storage_path: /tmp}]", "DISTRIBUTED_STORAGE_PREFERENCE is required")]
    [InlineData("DISTRIBUTED_STORAGE_PREFERENCE: [default]", "DISTRIBUTED_STORAGE_CONFIG is required")]
    [InlineData("REGISTRY_STATE: readonly\nDISTRIBUTED_STORAGE_PREFERENCE: [default]\nDISTRIBUTED_STORAGE_CONFIG:\n  default: [LocalStorage, {storage_path: /tmp}]", "Exception: No valid service key found for read-only registry.")]
    public async Task A_configuration_that_Quay_does_not_start_with_is_refused_in_its_words(string yaml, string expected)
    {
        await lab.Servers.RequireAsync("ceph");
        await using var quay = await StandaloneQuay.CreateAsync(lab.Servers.Ceph);
        Assert.Equal(expected, (await Assert.ThrowsAsync<QuayBootException>(() => quay.StartAsync(yaml))).Message);
    }

    [Fact]
    public async Task A_storage_that_cannot_be_reached_keeps_Quay_from_starting()
    {
        await lab.Servers.RequireAsync("ceph");
        await using var quay = await StandaloneQuay.CreateAsync(lab.Servers.Ceph);
        foreach (var (yaml, expected) in new[]
        {
            (quay.Storage(secretKey: "wrong"), "Could not connect to storage default. Error:"),
            (quay.Storage(bucket: "no-such-bucket"), "Could not find bucket (no-such-bucket) in storage (default)"),
            (quay.Storage(tls: true), "Could not connect to storage default. Error:"),
        })
            Assert.StartsWith(expected, (await Assert.ThrowsAsync<QuayBootException>(() => quay.StartAsync(yaml))).Message, StringComparison.Ordinal);
        await quay.StartAsync(quay.Storage(path: "/elsewhere"));
    }

    [Fact]
    public async Task Blobs_of_a_wrong_storage_are_gone_while_manifests_are_not()
    {
        await lab.Servers.RequireAsync("ceph");
        await using var quay = await StandaloneQuay.CreateAsync(lab.Servers.Ceph);
        await quay.StartAsync(quay.Storage());
        var layer = await quay.PushAsync("demo/app");
        Assert.Equal((302, 200, true), (await BlobAsync(quay, layer), await StatusAsync(quay, HttpMethod.Head, layer), await IsHealthyAsync(quay)));

        foreach (var (yaml, blob, healthy) in new[]
        {
            (quay.Storage(secretKey: "wrong"), 500, false),
            (quay.Storage(bucket: "no-such-bucket"), 500, false),
            (quay.Storage(tls: true), 500, false),
            (quay.Storage(location: "renamed"), 500, true),
            // Nothing tells of a wrong path before somebody follows the redirect.
            (quay.Storage(path: "/elsewhere"), 302, true),
        })
        {
            await quay.StartAsync(yaml, ignoreValidation: true);
            Assert.Equal((blob, healthy), (await BlobAsync(quay, layer), await IsHealthyAsync(quay)));
            using var instance = await quay.Http.GetAsync(new Uri("/health/instance", UriKind.Relative), Cancellation);
            Assert.Equal(HttpStatusCode.OK, instance.StatusCode);
        }
        // HEAD asks the database only.
        Assert.Equal(200, await StatusAsync(quay, HttpMethod.Head, layer));
        using var redirect = await quay.AskAsync(HttpMethod.Get, $"/v2/demo/app/blobs/{layer}");
        using var stored = await quay.Http.GetAsync(redirect.Headers.Location, Cancellation);
        Assert.Equal(HttpStatusCode.NotFound, stored.StatusCode);
    }

    [Fact]
    public async Task An_anchor_that_did_not_sign_itself_passes_config_tool_and_fails_in_Python()
    {
        await lab.Servers.RequireAsync("ceph", "tls");
        await using var quay = await StandaloneQuay.CreateAsync(lab.Servers.Ceph);
        var anchor = Path.Combine(quay.Configuration, "extra_ca_cert_ceph.crt");
        File.Copy(lab.Servers.Tls.Good.CertificateFile, anchor);
        await quay.StartAsync(quay.Storage(tls: true));
        Assert.False(await IsHealthyAsync(quay));
        File.Copy(lab.Servers.Ceph.CaFile, anchor, overwrite: true);
        Assert.False(await IsHealthyAsync(quay));
        await quay.StartAsync(quay.Storage(tls: true));
        Assert.True(await IsHealthyAsync(quay));
    }

    [Fact]
    public async Task A_blob_comes_by_redirect_or_through_Quay_itself()
    {
        await lab.Servers.RequireAsync("ceph");
        await using var quay = await StandaloneQuay.CreateAsync(lab.Servers.Ceph);
        await quay.StartAsync(quay.Storage());
        var layer = await quay.PushAsync("demo/app");
        foreach (var (setting, authority) in new[] { ("", lab.Servers.Ceph.Endpoint.Authority), ("FEATURE_PROXY_STORAGE: true\n", quay.Http.BaseAddress!.Authority) })
        {
            await quay.StartAsync(setting + quay.Storage());
            using var redirect = await quay.AskAsync(HttpMethod.Get, $"/v2/demo/app/blobs/{layer}");
            Assert.Equal((HttpStatusCode.Found, authority), (redirect.StatusCode, redirect.Headers.Location!.Authority));
            Assert.Equal(layer, "sha256:" + Convert.ToHexStringLower(SHA256.HashData(await quay.Http.GetByteArrayAsync(redirect.Headers.Location, Cancellation))));
        }
    }

    [Fact]
    public async Task Nothing_is_written_while_pushes_are_disabled_or_the_registry_is_read_only()
    {
        await lab.Servers.RequireAsync("ceph");
        await using var quay = await StandaloneQuay.CreateAsync(lab.Servers.Ceph);
        await quay.StartAsync(quay.Storage());
        var layer = await quay.PushAsync("demo/app");
        await File.WriteAllTextAsync(Path.Combine(quay.Configuration, "quay-readonly.kid"), "key-1", Cancellation);
        using var rsa = RSA.Create(2048);
        await File.WriteAllTextAsync(Path.Combine(quay.Configuration, "quay-readonly.pem"), rsa.ExportRSAPrivateKeyPem(), Cancellation);
        const string Keys = "INSTANCE_SERVICE_KEY_KID_LOCATION: conf/stack/quay-readonly.kid\nINSTANCE_SERVICE_KEY_LOCATION: conf/stack/quay-readonly.pem\n";
        var unknown = await Assert.ThrowsAsync<QuayBootException>(() => quay.StartAsync("REGISTRY_STATE: readonly\n" + Keys + quay.Storage()));
        Assert.Equal("Exception: No valid service key found for read-only registry.", unknown.Message);
        await quay.Database.ChangeServiceKeysAsync(keys => keys["key-1"] = new QuayServiceKeyRow("ours", "quay", rsa.ExportSubjectPublicKeyInfoPem(), null, Approved: true), Cancellation);

        foreach (var (setting, code) in new[] { ("DISABLE_PUSHES: true\n", "METHOD NOT ALLOWED"), ("REGISTRY_STATE: readonly\n" + Keys, "DENIED") })
        {
            await quay.StartAsync(setting + quay.Storage());
            using var push = await quay.AskAsync(HttpMethod.Post, "/v2/demo/app/blobs/uploads/");
            var error = JsonNode.Parse(await push.Content.ReadAsStringAsync(Cancellation))!["errors"]![0]!;
            Assert.Equal((HttpStatusCode.MethodNotAllowed, code), (push.StatusCode, error["code"]!.GetValue<string>()));
            Assert.Equal(code == "DENIED", error["is_readonly"]?.GetValue<bool>() == true);
            using var delete = await quay.AskAsync(HttpMethod.Delete, "/v2/demo/app/manifests/1");
            Assert.Equal(HttpStatusCode.MethodNotAllowed, delete.StatusCode);
            Assert.Equal(302, await BlobAsync(quay, layer));
        }
        Assert.Equal("1", Assert.Single(quay.Database.Repository("demo/app")!.Tags).Key);
    }

    private static Task<int> BlobAsync(StandaloneQuay quay, string digest) => StatusAsync(quay, HttpMethod.Get, digest);

    private static async Task<int> StatusAsync(StandaloneQuay quay, HttpMethod method, string digest)
    {
        using var response = await quay.AskAsync(method, $"/v2/demo/app/blobs/{digest}");
        return (int)response.StatusCode;
    }

    private static async Task<bool> IsHealthyAsync(StandaloneQuay quay)
    {
        using var response = await quay.Http.GetAsync(new Uri("/health/endtoend", UriKind.Relative), Cancellation);
        var body = JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancellation))!;
        var storage = body["data"]!["services"]!["storage"]!.GetValue<bool>();
        Assert.Equal(storage ? 200 : 503, body["status_code"]!.GetValue<int>());
        Assert.Equal(storage ? HttpStatusCode.OK : HttpStatusCode.ServiceUnavailable, response.StatusCode);
        return storage;
    }
}
