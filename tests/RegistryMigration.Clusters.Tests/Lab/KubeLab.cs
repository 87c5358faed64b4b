using RegistryMigration.Clusters.Tests.Lab;
using RegistryMigration.Engine.Tests.Lab;
using RegistryMigration.Lab.Cluster;

[assembly: AssemblyFixture(typeof(KubeLab))]

namespace RegistryMigration.Clusters.Tests.Lab;

/// <summary>
/// A real API server with OpenShift's types, shared by all tests of this process and started when the first one asks. Take it as a
/// constructor parameter and call <see cref="RequireAsync"/>; where it cannot run, that skips the test and says why.
/// </summary>
public sealed class KubeLab : IAsyncDisposable
{
    private readonly SemaphoreSlim gate = new(1);
    private KubeCluster? cluster;

    /// <summary>The lab's other servers.</summary>
    public LabFixture Servers { get; } = new();

    /// <summary>The shared cluster. Tests use namespaces of their own in it.</summary>
    public KubeCluster Cluster => cluster ?? throw new InvalidOperationException("Ask for the cluster with RequireAsync() first.");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Starts the cluster and other servers unless they run: <c>await lab.RequireAsync("swift")</c>.</summary>
    public async Task RequireAsync(params string[] servers)
    {
        await Servers.RequireAsync([.. servers, "openshift"]);
        await gate.WaitAsync(Cancellation);
        try
        {
            var state = await LabState.ReadAsync(Servers.StateDirectory, Cancellation);
            cluster ??= new KubeCluster(null, state);
            cluster.Lab = state;
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>An image registry that works, on the shared cluster: one at a time. Disposing it makes room for the next test.</summary>
    /// <param name="options">What it looks like; null is a registry on a volume.</param>
    /// <param name="worker">The worker program for pods of Jobs.</param>
    public Task<RegistryWorld> CreateWorldAsync(WorldOptions? options = null, string? worker = null) => Cluster.CreateWorldAsync(options, worker);

    /// <summary>A Quay that works, on the shared cluster: one world at a time. Disposing it makes room for the next test.</summary>
    public Task<QuayWorld> CreateQuayWorldAsync(QuayWorldOptions? options = null, string? worker = null) => Cluster.CreateQuayWorldAsync(options, worker);

    /// <summary>A cluster for one test, which restarts its API server or changes what others depend on. About six seconds.</summary>
    public async Task<KubeCluster> StartOwnClusterAsync(params string[] servers)
    {
        var own = await Servers.StartOwnLabAsync(new Dictionary<string, string>(), [.. servers, "openshift"]);
        return new KubeCluster(own, await LabState.ReadAsync(own.StateDirectory, Cancellation));
    }

    public async ValueTask DisposeAsync()
    {
        if (cluster is not null)
            await cluster.DisposeAsync();
        await Servers.DisposeAsync();
        gate.Dispose();
    }
}
