using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace RegistryMigration.Lab.Cluster;

/// <summary>Swift with its own logins (v1): storage/swift.py. Blobs are dynamic large objects, an empty one over segments.</summary>
internal sealed class SwiftDriver : IStorageDriver
{
    private readonly string _location;
    private readonly JsonObject _parameters;
    private readonly string _container;
    private readonly string _root;
    private readonly HttpClient _http;
    private (string Url, string Token)? _login;

    public SwiftDriver(string location, JsonObject parameters, QuayTrust trust)
    {
        _location = location;
        _parameters = parameters;
        _container = Text("swift_container") ?? "";
        _root = (Text("storage_path") ?? "").TrimStart('/');
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false, SslOptions = { RemoteCertificateValidationCallback = (_, certificate, chain, errors) => trust.Accepts(certificate, chain, errors) } });
    }

    public Task ConnectAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task<Uri?> DirectUrlAsync(string path, CancellationToken cancellationToken)
    {
        if (Text("temp_url_key") is not { } key)
            return null;
        var (url, _) = await LoginAsync(cancellationToken);
        var full = $"{new Uri(url).AbsolutePath.TrimEnd('/')}/{_container}/{Name(path)}";
        var expires = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() + 600;
#pragma warning disable CA5350 // Swift's, not ours.
        var signature = Convert.ToHexStringLower(HMACSHA1.HashData(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes($"GET\n{expires}\n{full}")));
#pragma warning restore CA5350
        return new Uri($"{new Uri(url).GetLeftPart(UriPartial.Authority)}{full}?temp_url_sig={signature}&temp_url_expires={expires}");
    }

    public async Task<Stream> ReadAsync(string path, CancellationToken cancellationToken) =>
        await (await SendAsync(HttpMethod.Get, path, null, null, cancellationToken)).Content.ReadAsStreamAsync(cancellationToken);

    public async Task WriteAsync(string path, Stream content, CancellationToken cancellationToken) =>
        (await SendAsync(HttpMethod.Put, path, content, null, cancellationToken)).Dispose();

    public async Task<bool> ExistsAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            (await SendAsync(HttpMethod.Head, path, null, null, cancellationToken)).Dispose();
            return true;
        }
        catch (QuayStorageException)
        {
            // _head_object tells no other failure from a 404.
            return false;
        }
    }

    public async Task DeleteAsync(string path, CancellationToken cancellationToken) =>
        (await SendAsync(HttpMethod.Delete, path, null, null, cancellationToken)).Dispose();

    public string ChunkPath(string upload, int number) => $"segments/{upload}/{number:D9}";

    public async Task AssembleAsync(string upload, IReadOnlyList<string> chunks, string path, CancellationToken cancellationToken) =>
        (await SendAsync(HttpMethod.Put, path, Stream.Null, $"{_container}/{Name($"segments/{upload}")}", cancellationToken)).Dispose();

    // validateSwift: the login, and the container.
    public async Task<string?> ObjectionAsync(CancellationToken cancellationToken)
    {
        if (Text("auth_version") is not ("1" or "2" or "3"))
            return $"{Text("auth_version") ?? "0"} must be either 1, 2, or 3.";
        try
        {
            var (url, token) = await LoginAsync(cancellationToken);
            using var request = new HttpRequestMessage(HttpMethod.Head, $"{url}/{_container}") { Headers = { { "X-Auth-Token", token } } };
            using var response = await _http.SendAsync(request, cancellationToken);
            return response.IsSuccessStatusCode ? null : $"Could not find container ({_container}) in storage ({_location})";
        }
        catch (Exception e) when (e is QuayStorageException or HttpRequestException)
        {
            return $"Could not connect to storage {_location}. Error: {e.Message}";
        }
    }

    public void Dispose() => _http.Dispose();

    private string? Text(string name) => _parameters[name]?.ToString() is { Length: > 0 } text ? text : null;

    private string Name(string path) => (QuayConfig.IsTrue(_parameters["simple_path_concat"]) || _root.Length == 0 || _root.EndsWith('/') ? _root + path : $"{_root}/{path}").TrimEnd('/');

    private async Task<(string Url, string Token)> LoginAsync(CancellationToken cancellationToken)
    {
        if (_login is { } known)
            return known;
        if (Text("auth_version") != "1")
            throw new QuayStorageException("this stand-in knows auth_version 1 only");
        using var request = new HttpRequestMessage(HttpMethod.Get, Text("auth_url")) { Headers = { { "X-Auth-User", Text("swift_user") }, { "X-Auth-Key", Text("swift_password") } } };
        using var response = await TryAsync(() => _http.SendAsync(request, cancellationToken));
        if (!response.IsSuccessStatusCode)
            throw new QuayStorageException($"Auth GET failed: {Text("auth_url")} {(int)response.StatusCode}");
        _login = (response.Headers.GetValues("X-Storage-Url").First(), response.Headers.GetValues("X-Auth-Token").First());
        return _login.Value;
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, Stream? content, string? manifest, CancellationToken cancellationToken)
    {
        var (url, token) = await LoginAsync(cancellationToken);
        using var request = new HttpRequestMessage(method, $"{url}/{_container}/{Name(path)}") { Content = content is null ? null : new StreamContent(content) };
        request.Headers.Add("X-Auth-Token", token);
        if (manifest is not null)
            request.Headers.Add("X-Object-Manifest", manifest);
        var response = await TryAsync(() => _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken));
        if (response.StatusCode == HttpStatusCode.Unauthorized)
            _login = null;
        if (response.IsSuccessStatusCode || (method == HttpMethod.Delete && response.StatusCode == HttpStatusCode.NotFound))
            return response;
        using (response)
            throw new QuayStorageException($"{method} {_container}/{Name(path)}: {(int)response.StatusCode}");
    }

    private static async Task<HttpResponseMessage> TryAsync(Func<Task<HttpResponseMessage>> work)
    {
        try
        {
            return await work();
        }
        catch (HttpRequestException e)
        {
            throw new QuayStorageException(e.Message, e);
        }
    }
}
