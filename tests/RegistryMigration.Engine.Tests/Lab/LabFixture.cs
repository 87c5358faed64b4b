namespace RegistryMigration.Engine.Tests.Lab;

/// <summary>
/// The real servers, shared by all tests of this process and started when the first test asks. Take it as a constructor parameter and
/// call <see cref="RequireAsync"/>. Where the lab cannot run, that skips the test and says why.
/// </summary>
public sealed class LabFixture : IAsyncDisposable
{
    private readonly SemaphoreSlim gate = new(1);
    private readonly LabInstance shared = new();
    private readonly Dictionary<string, string?> installed = new(StringComparer.Ordinal);

    public CephEndpoints Ceph => shared.Ceph;

    public SwiftEndpoints Swift => shared.Swift;

    public KeystoneEndpoints Keystone => shared.Keystone;

    public TlsFiles Tls => shared.Tls;

    public ProxyEndpoint Proxy => shared.Proxy;

    public string StateDirectory => shared.StateDirectory;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Starts servers unless they run: <c>await lab.RequireAsync("ceph", "swift")</c>. Names: see tests/Lab/README.md.</summary>
    public async Task RequireAsync(params string[] names)
    {
        await InstallAsync(names);
        await shared.StartAsync(Cancellation, names);
    }

    /// <summary>The address of a named registry, e.g. <c>registry-fs</c>.</summary>
    public Uri Registry(string name) => shared.Registry(name);

    /// <summary>
    /// Starts a docker-registry for one test, on a free port, in about 0.1 s. The environment is for REGISTRY_* variables, e.g. the
    /// read-only switch.
    /// </summary>
    public async Task<LabRegistry> StartRegistryAsync(string configYaml, IReadOnlyDictionary<string, string>? environment = null)
    {
        await InstallAsync();
        return await shared.StartRegistryAsync(configYaml, Cancellation, environment);
    }

    /// <summary>Mounts a small file system and returns its path; skips the test where mounts are not permitted.</summary>
    public async Task<string> MountDiskAsync(string name, int sizeMegabytes)
    {
        await InstallAsync();
        return await shared.MountDiskAsync(name, sizeMegabytes, Cancellation);
    }

    /// <summary>Starts a second lab with settings of its own (short tokens, small limits), for the test that disposes it.</summary>
    public async Task<LabInstance> StartOwnLabAsync(IReadOnlyDictionary<string, string> settings, params string[] names)
    {
        await InstallAsync(names);
        var own = new LabInstance(settings);
        try
        {
            await own.StartAsync(Cancellation, names);
            return own;
        }
        catch
        {
            await own.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await shared.DisposeAsync();
        gate.Dispose();
    }

    // Kubernetes has to be built, once on a machine: only tests that need it wait for that.
    private async Task InstallAsync(params string[] names)
    {
        var what = names.Any(name => name is "kube" or "openshift") ? "" : "packages";
        string? whyNot;
        await gate.WaitAsync(Cancellation);
        try
        {
            if (!installed.TryGetValue(what, out whyNot))
                installed[what] = whyNot = WhyNot() ?? await InstallPackagesAsync(what);
        }
        finally
        {
            gate.Release();
        }
        if (whyNot is not null)
            Assert.Skip(whyNot);
    }

    private static string? WhyNot()
    {
        if (string.Equals(Environment.GetEnvironmentVariable("REGISTRYMIGRATION_LAB"), "off", StringComparison.OrdinalIgnoreCase))
            return "REGISTRYMIGRATION_LAB=off: this test needs a real server";
        if (!OperatingSystem.IsLinux() || !File.Exists("/etc/debian_version"))
            return "this test needs a real server, which the lab starts from Debian's packages, and this is not Debian";
        if (!Environment.IsPrivilegedProcess)
            return "this test needs a real server, which the lab starts as root, and this is not root";
        return null;
    }

    private static async Task<string?> InstallPackagesAsync(string what)
    {
        var result = await LabScript.RunAsync(what.Length > 0 ? ["install", what] : ["install"], new Dictionary<string, string>(), Cancellation);
        if (result.ExitCode is LabScript.NotDebianOrNotRoot or LabScript.KubernetesNotBuilt)
            return result.Errors;
        result.EnsureSuccess();
        return null;
    }
}
