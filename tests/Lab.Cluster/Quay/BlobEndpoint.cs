using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace RegistryMigration.Lab.Cluster;

/// <summary>Blobs: endpoints/v2/blob.py, storage/downloadproxy.py.</summary>
internal sealed class BlobEndpoint(QuayDatabase database, QuayLocations locations, QuayConfig config, QuayTokens tokens) : IDisposable
{
    private const string Prefix = "/_storage_proxy/";

#pragma warning disable CA5359
    // nginx, which does this in Quay, does not look at certificates (conf/nginx/server-base.conf.jnj).
    private readonly HttpClient _proxy = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true } });
#pragma warning restore CA5359

    /// <summary>HEAD and GET. The size comes from the database: a HEAD never asks the storage.</summary>
    public async Task ServeAsync(HttpContext http, string repository, string digest)
    {
        if (database.Repository(repository)?.Blobs.Contains(digest) != true || database.Blob(digest) is not { } blob)
            throw QuayError.BlobUnknown();
        var driver = locations[blob.Placements];
        http.Response.Headers["Docker-Content-Digest"] = digest;
        http.Response.Headers.AcceptRanges = "bytes";
        if (HttpMethods.IsHead(http.Request.Method))
        {
            http.Response.ContentType = "application/octet-stream";
            http.Response.ContentLength = blob.Size;
            return;
        }
        if (await driver.DirectUrlAsync(Path(digest), http.RequestAborted) is { } direct)
        {
            http.Response.Redirect(config.Flag("FEATURE_PROXY_STORAGE") ? ProxyUrl(direct) : direct.AbsoluteUri);
            return;
        }
        await using var content = await driver.ReadAsync(Path(digest), http.RequestAborted);
        http.Response.ContentType = "application/octet-stream";
        http.Response.ContentLength = blob.Size;
        await content.CopyToAsync(http.Response.Body, http.RequestAborted);
    }

    /// <summary>The storage's answer, whatever it is, to an address that this registry signed.</summary>
    public async Task ProxyAsync(HttpContext http)
    {
        var parts = http.Features.Get<IHttpRequestFeature>()!.RawTarget[Prefix.Length..].Split('/', 4);
        if (parts.Length != 4 || parts[0] != tokens.Signature(string.Join('/', parts[1..])))
        {
            http.Response.StatusCode = 401;
            return;
        }
        using var request = new HttpRequestMessage(new HttpMethod(http.Request.Method), new Uri($"{parts[1]}://{parts[2]}/{parts[3]}"));
        if (http.Request.Headers.Range.ToString() is { Length: > 0 } range)
            request.Headers.TryAddWithoutValidation("Range", range);
        try
        {
            using var response = await _proxy.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, http.RequestAborted);
            http.Response.StatusCode = (int)response.StatusCode;
            http.Response.ContentLength = response.Content.Headers.ContentLength;
            http.Response.ContentType = response.Content.Headers.ContentType?.ToString();
            if (response.Content.Headers.ContentRange is { } contentRange)
                http.Response.Headers.ContentRange = contentRange.ToString();
            await response.Content.CopyToAsync(http.Response.Body, http.RequestAborted);
        }
        catch (HttpRequestException)
        {
            http.Response.StatusCode = 502;
        }
    }

    /// <summary>Where a blob lies in a location: content_path in digest/digest_tools.py.</summary>
    public static string Path(string digest) => $"sha256/{digest[7..9]}/{digest[7..]}";

    /// <inheritdoc />
    public void Dispose() => _proxy.Dispose();

    private string ProxyUrl(Uri direct)
    {
        var rest = $"{direct.Scheme}/{direct.Authority}{direct.PathAndQuery}";
        return $"{config.Url}{Prefix}{tokens.Signature(rest)}/{rest}";
    }
}
