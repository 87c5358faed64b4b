using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;

namespace RegistryMigration.Lab.Cluster;

/// <summary>Pushes small images, as any client would.</summary>
public sealed class ImagePush : IDisposable
{
    private const string Manifest = "application/vnd.docker.distribution.manifest.v2+json";
    private readonly HttpClient _http;

    /// <summary>A client of one registry. Without an authority it speaks HTTP.</summary>
    public ImagePush(Uri registry, string? certificateAuthority, string token)
    {
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        if (certificateAuthority is not null)
            trust.CustomTrustStore.Add(X509CertificateLoader.LoadCertificateFromFile(certificateAuthority));
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false, SslOptions = { CertificateChainPolicy = trust } }) { BaseAddress = registry };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    /// <summary>Pushes an image of one layer, and gives its digest.</summary>
    /// <param name="repository">project/name.</param>
    /// <param name="tag">The tag.</param>
    /// <param name="layer">The layer's content.</param>
    /// <param name="cancellationToken">Ends the push.</param>
    /// <exception cref="HttpRequestException">The registry refuses; 405 where it is read-only.</exception>
    public async Task<string> PushAsync(string repository, string tag, byte[] layer, CancellationToken cancellationToken)
    {
        var config = Encoding.UTF8.GetBytes(new JsonObject
        {
            ["architecture"] = "amd64",
            ["os"] = "linux",
            ["config"] = new JsonObject(),
            ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray(Digest(layer)) },
        }.ToJsonString());
        await PushBlobAsync(repository, layer, cancellationToken);
        await PushBlobAsync(repository, config, cancellationToken);
        var manifest = Encoding.UTF8.GetBytes(new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = Manifest,
            ["config"] = Descriptor("application/vnd.docker.container.image.v1+json", config),
            ["layers"] = new JsonArray(Descriptor("application/vnd.docker.image.rootfs.diff.tar.gzip", layer)),
        }.ToJsonString());
        using var content = Content(manifest, Manifest);
        using var response = await _http.PutAsync(new Uri($"/v2/{repository}/manifests/{tag}", UriKind.Relative), content, cancellationToken);
        response.EnsureSuccessStatusCode();
        return Digest(manifest);
    }

    /// <summary>The status of a manifest by tag or digest.</summary>
    public async Task<int> StatusAsync(string repository, string reference, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"/v2/{repository}/manifests/{reference}", UriKind.Relative));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(Manifest));
        using var response = await _http.SendAsync(request, cancellationToken);
        return (int)response.StatusCode;
    }

    /// <inheritdoc />
    public void Dispose() => _http.Dispose();

    private async Task PushBlobAsync(string repository, byte[] bytes, CancellationToken cancellationToken)
    {
        using var begun = await _http.PostAsync(new Uri($"/v2/{repository}/blobs/uploads/", UriKind.Relative), null, cancellationToken);
        begun.EnsureSuccessStatusCode();
        var place = begun.Headers.Location!.ToString();
        using var content = Content(bytes, "application/octet-stream");
        using var put = await _http.PutAsync(new Uri($"{place}{(place.Contains('?', StringComparison.Ordinal) ? '&' : '?')}digest={Uri.EscapeDataString(Digest(bytes))}", UriKind.RelativeOrAbsolute), content, cancellationToken);
        put.EnsureSuccessStatusCode();
    }

    private static ByteArrayContent Content(byte[] bytes, string type) => new(bytes) { Headers = { ContentType = new MediaTypeHeaderValue(type) } };

    private static JsonObject Descriptor(string type, byte[] bytes) => new() { ["mediaType"] = type, ["size"] = bytes.Length, ["digest"] = Digest(bytes) };

    private static string Digest(byte[] bytes) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(bytes));
}
