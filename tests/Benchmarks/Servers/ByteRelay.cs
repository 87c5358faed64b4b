using System.Net;
using System.Net.Sockets;

namespace RegistryMigration.Benchmarks.Servers;

/// <summary>
/// Passes connections on to a server and counts their bytes, as they come and with all headers. For what a server does not count itself:
/// bodies that a killed client left unfinished. It costs processor time, so nothing is timed through it.
/// </summary>
internal sealed class ByteRelay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Uri _server;
    private readonly Task _accepting;
    private long _received;
    private long _threshold = long.MaxValue;
    private Action? _reached;

    public ByteRelay(string server)
    {
        _server = new Uri(server);
        _listener.Start();
        _accepting = AcceptAsync(_end.Token);
    }

    /// <summary>What clients connect to.</summary>
    public string Endpoint => $"http://{_listener.LocalEndpoint}";

    /// <summary>Bytes that clients have sent.</summary>
    public long Received => Interlocked.Read(ref _received);

    /// <summary>Calls back once, when this many bytes more have come from clients. The last of them is passed on after the callback, so no client is done before.</summary>
    public void Notify(long bytes, Action reached)
    {
        _reached = reached;
        Interlocked.Exchange(ref _threshold, Received + bytes);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _end.Dispose();
    }

    private async Task AcceptAsync(CancellationToken cancellationToken)
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                var client = await _listener.AcceptSocketAsync(cancellationToken);
                connections.RemoveAll(connection => connection.IsCompleted);
                connections.Add(RelayAsync(client, cancellationToken));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task RelayAsync(Socket client, CancellationToken cancellationToken)
    {
        using var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using (client)
        {
            client.NoDelay = true;
            try
            {
                await server.ConnectAsync(_server.Host, _server.Port, cancellationToken);
                await Task.WhenAll(PassAsync(client, server, Count, cancellationToken), PassAsync(server, client, _ => { }, cancellationToken));
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // A killed client's connection ends this way.
            }
        }
    }

    private static async Task PassAsync(Socket from, Socket to, Action<int> count, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 << 10];
        try
        {
            while (await from.ReceiveAsync(buffer, cancellationToken) is var length and > 0)
            {
                count(length);
                await to.SendAsync(buffer.AsMemory(0, length), cancellationToken);
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch
        {
            // The other direction would wait for good.
            from.Dispose();
            to.Dispose();
            throw;
        }
    }

    private void Count(int bytes)
    {
        var threshold = Interlocked.Read(ref _threshold);
        if (Interlocked.Add(ref _received, bytes) >= threshold && Interlocked.CompareExchange(ref _threshold, long.MaxValue, threshold) == threshold)
            _reached?.Invoke();
    }
}
