using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace RegistryMigration.Lab.Cluster;

/// <summary>How to log in to Swift: version 1 with its own logins, 3 through Keystone.</summary>
internal sealed record SwiftLogin(string AuthUrl, string UserName, string Password, string Version, string Domain, string DomainId, string Tenant, string TenantId, string Region);

/// <summary>A Swift account: as much of it as an operator needs, and not by the product's store, which tests have to prove.</summary>
internal sealed class SwiftAccount : IDisposable
{
    private readonly HttpClient _http;
    private readonly string _url;

    private SwiftAccount(HttpClient http, string url) => (_http, _url) = (http, url.TrimEnd('/'));

    /// <summary>Logs in.</summary>
    public static async Task<SwiftAccount> LogInAsync(SwiftLogin login, CancellationToken cancellationToken)
    {
        var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        try
        {
            var (url, token) = login.Version.StartsWith('1') ? await OwnAsync(http, login, cancellationToken) : await KeystoneAsync(http, login, cancellationToken);
            http.DefaultRequestHeaders.Add("X-Auth-Token", token);
            return new SwiftAccount(http, url);
        }
        catch (HttpRequestException e)
        {
            http.Dispose();
            throw new OperatorException($"unable to sync storage configuration: Authentication failed: {e.Message}", storageReason: "Could not connect to registry storage");
        }
    }

    /// <summary>Whether there is a container.</summary>
    public async Task<bool> HasContainerAsync(string container, CancellationToken cancellationToken)
    {
        using var response = await _http.SendAsync(new HttpRequestMessage(HttpMethod.Head, Path(container)), cancellationToken);
        return response.StatusCode == HttpStatusCode.NotFound ? false : response.EnsureSuccessStatusCode().IsSuccessStatusCode;
    }

    /// <summary>Makes a container.</summary>
    public async Task CreateContainerAsync(string container, IReadOnlyDictionary<string, string> metadata, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, Path(container));
        foreach (var (name, value) in metadata)
            request.Headers.Add($"X-Container-Meta-{name}", value);
        using var response = await _http.SendAsync(request, cancellationToken);
        response.EnsureSuccessStatusCode();
    }

    /// <summary>Deletes every object of a container, and the container.</summary>
    public async Task DeleteContainerAsync(string container, CancellationToken cancellationToken)
    {
        while (true)
        {
            using var listing = await _http.GetAsync(new Uri(Path(container) + "?format=json&limit=1000"), cancellationToken);
            if (listing.StatusCode == HttpStatusCode.NotFound)
                return;
            var names = JsonNode.Parse(await listing.EnsureSuccessStatusCode().Content.ReadAsStringAsync(cancellationToken))!.AsArray();
            if (names.Count == 0)
                break;
            foreach (var item in names)
                (await _http.DeleteAsync(new Uri($"{Path(container)}/{string.Join('/', item!["name"]!.GetValue<string>().Split('/').Select(Uri.EscapeDataString))}"), cancellationToken)).Dispose();
        }
        (await _http.DeleteAsync(new Uri(Path(container)), cancellationToken)).Dispose();
    }

    /// <inheritdoc />
    public void Dispose() => _http.Dispose();

    private string Path(string container) => $"{_url}/{Uri.EscapeDataString(container)}";

    private static async Task<(string Url, string Token)> OwnAsync(HttpClient http, SwiftLogin login, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, login.AuthUrl);
        request.Headers.Add("X-Auth-User", login.UserName);
        request.Headers.Add("X-Auth-Key", login.Password);
        using var response = (await http.SendAsync(request, cancellationToken)).EnsureSuccessStatusCode();
        return (response.Headers.GetValues("X-Storage-Url").First(), response.Headers.GetValues("X-Auth-Token").First());
    }

    private static async Task<(string Url, string Token)> KeystoneAsync(HttpClient http, SwiftLogin login, CancellationToken cancellationToken)
    {
        var domain = login.DomainId.Length > 0 ? new JsonObject { ["id"] = login.DomainId } : new JsonObject { ["name"] = login.Domain };
        var scope = login.TenantId.Length > 0 ? new JsonObject { ["id"] = login.TenantId } : new JsonObject { ["name"] = login.Tenant, ["domain"] = domain.DeepClone() };
        var body = new JsonObject
        {
            ["auth"] = new JsonObject
            {
                ["identity"] = new JsonObject { ["methods"] = new JsonArray("password"), ["password"] = new JsonObject { ["user"] = new JsonObject { ["name"] = login.UserName, ["password"] = login.Password, ["domain"] = domain } } },
                ["scope"] = new JsonObject { ["project"] = scope },
            },
        };
        using var content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        var url = login.AuthUrl.TrimEnd('/');
        using var response = (await http.PostAsync(new Uri((url.EndsWith("/v3", StringComparison.Ordinal) ? url : url + "/v3") + "/auth/tokens"), content, cancellationToken)).EnsureSuccessStatusCode();
        var catalog = JsonNode.Parse(await response.Content.ReadAsStringAsync(cancellationToken))!["token"]!["catalog"]!.AsArray();
        var endpoint = catalog.First(service => service!["type"]!.GetValue<string>() == "object-store")!["endpoints"]!.AsArray().First(known => known!["interface"]!.GetValue<string>() == "public")!;
        return (endpoint["url"]!.GetValue<string>(), response.Headers.GetValues("X-Subject-Token").First());
    }
}
