using System.Text.Json;

namespace RegistryMigration.Engine.Tests.Lab;

/// <summary>One lab: servers, their data and logs in one state directory, which goes when this is disposed or when this process dies.</summary>
public sealed class LabInstance : IAsyncDisposable
{
    private static readonly IReadOnlyDictionary<string, string> NoSettings = new Dictionary<string, string>();

    private readonly SemaphoreSlim gate = new(1);
    private readonly Dictionary<string, Exception?> started = new(StringComparer.Ordinal);
    private readonly IReadOnlyDictionary<string, string> settings;
    private volatile JsonDocument? description;
    private int registries;

    /// <param name="settings">
    /// SWIFT_TOKEN_LIFE, SWIFT_MAX_FILE_SIZE, KEYSTONE_TOKEN_LIFE, RGW_MAX_PUT_SIZE, CEPH_STORE: see tests/Lab/README.md.
    /// </param>
    public LabInstance(IReadOnlyDictionary<string, string>? settings = null) => this.settings = settings ?? NoSettings;

    /// <summary>Everything of this lab lies here.</summary>
    public string StateDirectory { get; } = NewStateDirectory();

    public CephEndpoints Ceph => Endpoints<CephEndpoints>("ceph");

    public SwiftEndpoints Swift => Endpoints<SwiftEndpoints>("swift");

    public KeystoneEndpoints Keystone => Endpoints<KeystoneEndpoints>("swift-ks");

    public TlsFiles Tls => Endpoints<TlsFiles>("tls");

    public ProxyEndpoint Proxy => Endpoints<ProxyEndpoint>("proxy");

    /// <summary>The address of a named registry, e.g. <c>registry-fs</c>.</summary>
    public Uri Registry(string name) => Endpoints<RegistryEndpoint>(name).Url;

    /// <summary>Starts what does not run yet. A server that failed once fails at once from then on: its log does not change.</summary>
    public async Task StartAsync(CancellationToken cancellationToken, params string[] names)
    {
        await gate.WaitAsync(cancellationToken);
        try
        {
            foreach (var name in names)
            {
                if (started.GetValueOrDefault(name) is { } failure)
                    throw new InvalidOperationException($"{name} could not be started before.", failure);
            }
            string[] missing = [.. names.Where(name => !started.ContainsKey(name)).Distinct()];
            if (missing.Length > 0 || description is null)
                await UpAsync(missing, cancellationToken);
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Starts a docker-registry on a free port. <c>http.addr</c> and <c>http.secret</c> of the configuration do not matter.</summary>
    public async Task<LabRegistry> StartRegistryAsync(
        string configYaml, CancellationToken cancellationToken, IReadOnlyDictionary<string, string>? environment = null)
    {
        await StartAsync(cancellationToken);
        var name = $"registry-{Interlocked.Increment(ref registries)}";
        var config = Path.Combine(StateDirectory, "etc", name + ".yml");
        await File.WriteAllTextAsync(config, configYaml, cancellationToken);
        var result = await LabScript.RunAsync(["registry", StateDirectory, name, config], environment ?? NoSettings, cancellationToken);
        return new LabRegistry(this, name, new Uri(result.EnsureSuccess().Output + "/"));
    }

    /// <summary>Mounts a small file system of its own and returns its path, or skips the test where mounts are not permitted.</summary>
    public async Task<string> MountDiskAsync(string name, int sizeMegabytes, CancellationToken cancellationToken)
    {
        await StartAsync(cancellationToken);
        var result = await LabScript.RunAsync(["disk", StateDirectory, name, $"{sizeMegabytes}"], NoSettings, cancellationToken);
        if (result.ExitCode == LabScript.MountNotPermitted)
            Assert.Skip(result.Errors);
        return result.EnsureSuccess().Output;
    }

    public async ValueTask DisposeAsync()
    {
        if (Directory.Exists(StateDirectory))
            (await LabScript.RunAsync(["down", StateDirectory, "--delete"], NoSettings, CancellationToken.None)).EnsureSuccess();
        description?.Dispose();
        gate.Dispose();
    }

    internal async Task StopRegistryAsync(string name) =>
        (await LabScript.RunAsync(["stop", StateDirectory, name], NoSettings, CancellationToken.None)).EnsureSuccess();

    private async Task UpAsync(string[] names, CancellationToken cancellationToken)
    {
        // Never cut short by one test's cancellation: the servers are for all. The script has time limits of its own.
        string[] arguments = ["up", StateDirectory, "--owner", $"{Environment.ProcessId}", "--delete", .. names];
        var result = await LabScript.RunAsync(arguments, settings, CancellationToken.None);
        try
        {
            result.EnsureSuccess();
        }
        catch (InvalidOperationException failure)
        {
            foreach (var name in names)
                started[name] = failure;
            throw;
        }
        // Not disposed when replaced: a test may be reading it.
        description = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(StateDirectory, "lab.json"), cancellationToken));
        foreach (var name in names)
            started[name] = null;
    }

    private T Endpoints<T>(string name)
        where T : class
    {
        if (description is null || !description.RootElement.TryGetProperty(name, out var endpoints))
            throw new InvalidOperationException($"{name} does not run: ask for it with RequireAsync(\"{name}\") first.");
        return endpoints.Deserialize<T>(JsonSerializerOptions.Web)!;
    }

    private static string NewStateDirectory()
    {
        var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        if (string.IsNullOrEmpty(cache))
            cache = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        return Path.Combine(cache, "registry-migration", "lab", Path.GetRandomFileName());
    }

    private sealed record RegistryEndpoint(Uri Url);
}

/// <summary>A docker-registry of one test's own.</summary>
// BaseUrl ends with a slash: new Uri(BaseUrl, "v2/").
public sealed record LabRegistry(LabInstance Lab, string Name, Uri BaseUrl) : IAsyncDisposable
{
    /// <summary>The address as image references spell it, e.g. <c>127.0.0.1:23456</c>.</summary>
    public string Authority => BaseUrl.Authority;

    /// <summary>Stops it; a second call does nothing.</summary>
    public async ValueTask DisposeAsync() => await Lab.StopRegistryAsync(Name);
}
