using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace RegistryMigration.Engine.Tests.Tls;

/// <summary>A server that shows certificates, or something else, to whoever connects. Counts what clients send after the handshake.</summary>
internal sealed class TlsListener : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;

    private TlsListener(Func<NetworkStream, CancellationToken, Task> serve, IPAddress address)
    {
        _listener = new TcpListener(address, 0);
        _listener.Start();
        _serving = ServeAsync(serve);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public int BytesRead { get; private set; }

    /// <summary>What clients asked for by SNI; empty where they did not.</summary>
    public string? AskedFor { get; private set; }

    public static TlsListener Showing(X509Certificate2 certificate, X509Certificate2Collection? beside = null, IPAddress? address = null)
    {
        TlsListener? self = null;
        var context = SslStreamCertificateContext.Create(certificate, beside, offline: true);
        self = new TlsListener(async (network, token) =>
        {
            await using var stream = new SslStream(network);
            await stream.AuthenticateAsServerAsync((_, hello, _, _) =>
            {
                self!.AskedFor = hello.ServerName;
                return ValueTask.FromResult(new SslServerAuthenticationOptions { ServerCertificateContext = context });
            }, null, token);
            self!.BytesRead += await stream.ReadAsync(new byte[1], token);
        }, address ?? IPAddress.Loopback);
        return self;
    }

    public static TlsListener Saying(string text) => new(async (network, token) =>
    {
        await network.ReadExactlyAsync(new byte[1], token);
        await network.WriteAsync(System.Text.Encoding.ASCII.GetBytes(text), token);
    }, IPAddress.Loopback);

    public static TlsListener Silent() => new((_, token) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token), IPAddress.Loopback);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _serving;
        _stop.Dispose();
        _listener.Dispose();
    }

    private async Task ServeAsync(Func<NetworkStream, CancellationToken, Task> serve)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                using var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                await using var network = client.GetStream();
                await serve(network, _stop.Token);
            }
            catch (Exception e) when (e is AuthenticationException or IOException or OperationCanceledException or SocketException)
            {
                // The client has hung up, as it should.
            }
        }
    }
}
