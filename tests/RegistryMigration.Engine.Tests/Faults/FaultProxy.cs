using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace RegistryMigration.Engine.Tests.Faults;

/// <summary>
/// A reverse proxy on loopback that passes requests to a real server and does to some of them what its rules say. Target, headers and
/// Host pass unchanged, so that signed requests stay valid. One request per connection: a fault never hits a neighbour.
/// </summary>
public sealed class FaultProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<Task, byte> _exchanges = new();
    private readonly ConcurrentQueue<ProxiedRequest> _requests = new();
    private readonly Uri _target;
    private readonly Task _accepting;

    private FaultProxy(Uri target)
    {
        _target = target;
        _listener.Start();
        Uri = new UriBuilder(target) { Host = "127.0.0.1", Port = ((IPEndPoint)_listener.LocalEndpoint).Port }.Uri;
        _accepting = AcceptAsync();
    }

    /// <summary>Where clients connect; the path of the target is kept.</summary>
    public Uri Uri { get; }

    /// <summary>Rules, first match first. May be changed while requests pass.</summary>
    public FaultRules Rules { get; } = new();

    /// <summary>Every request that came, in order of arrival.</summary>
    public IReadOnlyCollection<ProxiedRequest> Requests => _requests;

    /// <summary>Listens on a free port and forwards to <paramref name="target"/>, which speaks plain HTTP.</summary>
    public static FaultProxy Start(Uri target) => new(target);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_exchanges.Keys);
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var client = await _listener.AcceptSocketAsync(_stop.Token);
                var exchange = ServeAsync(client);
                _exchanges.TryAdd(exchange, 0);
                _ = exchange.ContinueWith(done => _exchanges.TryRemove(done, out _), TaskScheduler.Default);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using var exchange = new ProxyExchange(client, _target);
        try
        {
            if (await exchange.ReadHeadAsync(_stop.Token) is not { } head)
                return;
            var rule = Rules.Match(head.Method, head.Target);
            _requests.Enqueue(new ProxiedRequest(head.Method, head.Target, [.. head.Headers], rule?.Fault));
            await exchange.RunAsync(head, rule?.Fault, _stop.Token);
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Either end went away, as faults make them do, or the proxy stops.
        }
    }
}

/// <summary>A request as it came to the proxy.</summary>
/// <param name="Method">The method.</param>
/// <param name="Target">Path and query as sent.</param>
/// <param name="Headers">Header lines as sent.</param>
/// <param name="Fault">What was done to it; null where it passed.</param>
public sealed record ProxiedRequest(string Method, string Target, IReadOnlyList<string> Headers, Fault? Fault);
