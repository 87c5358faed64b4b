using System.Net;
using RegistryMigration.Engine.Resilience;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Engine.Stores.Swift;
using RegistryMigration.Engine.Tests.Lab;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Stores.Swift;

/// <summary>A fresh container on a real server, with plain HTTP access beside the store that is tested.</summary>
internal sealed class SwiftSpace : IAsyncDisposable
{
    private readonly HttpClient _http = new();
    private readonly List<IAsyncDisposable> _stores = [];
    private readonly SwiftOptions _options;
    private Uri _storage = null!;
    private string _token = null!;

    private SwiftSpace(SwiftOptions options) => _options = options;

    public string Container { get; } = "c-" + Guid.NewGuid().ToString("n")[..12];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<SwiftSpace> TempAuthAsync(LabFixture lab)
    {
        await lab.RequireAsync("swift");
        return await CreateAsync(Options(lab.Swift));
    }

    public static async Task<SwiftSpace> CephAsync(LabFixture lab)
    {
        await lab.RequireAsync("ceph");
        return await CreateAsync(new SwiftOptions { AuthUrl = lab.Ceph.Swift.AuthUrl, UserName = lab.Ceph.Swift.User, Password = new Secret(lab.Ceph.Swift.Key) });
    }

    public static SwiftOptions Options(SwiftEndpoints swift) => new() { AuthUrl = swift.AuthUrl, UserName = swift.User, Password = new Secret(swift.Key) };

    public static async Task<SwiftSpace> CreateAsync(SwiftOptions options)
    {
        var space = new SwiftSpace(options);
        await space.LogInAsync();
        await space.PutAsync("", "");
        return space;
    }

    /// <summary>All names, with a token of now: for tests in which the first one ends.</summary>
    public async Task<string[]> NamesAfterLoginAsync()
    {
        await LogInAsync();
        return await NamesAsync();
    }

    /// <summary>A store in the container; retries fast, so that failures do not slow the tests.</summary>
    public SwiftStore Store(
        string prefix = "", string root = "", int? pageSize = null, long segmentSize = 64 * 1024, Uri? authUrl = null, string? container = null,
        TimeSpan? stall = null, int attempts = 4, TimeProvider? time = null)
    {
        var options = new SwiftOptions { AuthUrl = authUrl ?? _options.AuthUrl, UserName = _options.UserName, Password = _options.Password, SegmentSize = segmentSize };
        return Track(SwiftStore.Create(StoreAddress.InContainer(StoreKind.Swift, container ?? Container, prefix), root, options, new TlsOptions(), Context(stall, attempts, time), pageSize));
    }

    public static StoreContext Context(TimeSpan? stall = null, int attempts = 4, TimeProvider? time = null) => new()
    {
        StallTimeout = stall ?? TimeSpan.FromSeconds(30),
        Time = time ?? TimeProvider.System,
        Retry = new RetryPolicy(new RetryOptions { Attempts = attempts, BaseDelay = TimeSpan.FromMilliseconds(5) }, TimeProvider.System),
    };

    public SwiftStore Track(SwiftStore store)
    {
        _stores.Add(store);
        return store;
    }

    /// <summary>Puts an object, or the container where the name is empty.</summary>
    public async Task PutAsync(string name, string body, params (string Name, string Value)[] headers) => await PutAsync(name, System.Text.Encoding.UTF8.GetBytes(body), headers);

    public async Task PutAsync(string name, byte[] body, params (string Name, string Value)[] headers)
    {
        using var response = await SendAsync(HttpMethod.Put, name, body, headers);
        response.EnsureSuccessStatusCode();
    }

    public async Task<byte[]> GetAsync(string name)
    {
        using var response = await SendAsync(HttpMethod.Get, name);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadAsByteArrayAsync(Cancellation);
    }

    public async Task<bool> ExistsAsync(string name)
    {
        using var response = await SendAsync(HttpMethod.Head, name);
        return response.StatusCode != HttpStatusCode.NotFound;
    }

    public async Task<string?> HeaderAsync(string name, string header)
    {
        using var response = await SendAsync(HttpMethod.Head, name);
        response.EnsureSuccessStatusCode();
        return response.Headers.TryGetValues(header, out var values) || response.Content.Headers.TryGetValues(header, out values) ? values.First() : null;
    }

    /// <summary>All names in the container, as the server lists them in plain text.</summary>
    public async Task<string[]> NamesAsync(string prefix = "")
    {
        using var response = await SendAsync(HttpMethod.Get, "?prefix=" + Uri.EscapeDataString(prefix));
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadAsStringAsync(Cancellation)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string name, byte[]? body = null, params (string Name, string Value)[] headers)
    {
        var path = name.StartsWith('?') ? name : name.Length == 0 ? "" : "/" + Uri.EscapeDataString(name).Replace("%3Fmultipart-manifest%3Dput", "?multipart-manifest=put", StringComparison.Ordinal);
        using var request = new HttpRequestMessage(method, new Uri($"{_storage}/{Container}{path}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        request.Headers.Add("X-Auth-Token", _token);
        if (body is not null)
            request.Content = new ByteArrayContent(body);
        foreach (var (header, value) in headers)
            request.Headers.TryAddWithoutValidation(header, value);
        return await _http.SendAsync(request, Cancellation);
    }

    private async Task LogInAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, _options.AuthUrl);
        request.Headers.Add("X-Auth-User", _options.UserName);
        request.Headers.Add("X-Auth-Key", _options.Password!.Reveal());
        using var response = await _http.SendAsync(request, Cancellation);
        response.EnsureSuccessStatusCode();
        _storage = new Uri(response.Headers.GetValues("X-Storage-Url").Single());
        _token = response.Headers.GetValues("X-Auth-Token").Single();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var store in _stores)
            await store.DisposeAsync();
        _http.Dispose();
    }
}
