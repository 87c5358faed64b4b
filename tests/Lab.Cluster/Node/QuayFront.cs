using Microsoft.AspNetCore.Builder;

namespace RegistryMigration.Lab.Cluster;

/// <summary>Route and service of Quay: one HTTPS address that stays while pods come and go.</summary>
internal sealed class QuayFront(LabState lab, Func<List<int>> ready) : IAsyncDisposable
{
    private readonly Forwarder _forwarder = new(ready, "quay-app");
    private WebApplication? _server;

    /// <summary>Listens.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _server = LoopbackServer.Create(lab.OpenShift.QuayPort, lab.OpenShift);
        _server.Run(http => _forwarder.ForwardAsync(http));
        return _server.StartAsync(cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        _forwarder.Dispose();
    }
}
