using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace RegistryMigration.Engine.Tests.Faults;

/// <summary>One connection of a client to the proxy, which carries one request.</summary>
internal sealed class ProxyExchange : IDisposable
{
    private readonly Socket _client;
    private readonly BufferedStream _fromClient;
    private readonly NetworkStream _toClient;
    private readonly Socket _server = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly Uri _target;

    public ProxyExchange(Socket client, Uri target)
    {
        _client = client;
        _client.NoDelay = true;
        _target = target;
        _toClient = new NetworkStream(client, ownsSocket: false);
        _fromClient = new BufferedStream(_toClient);
    }

    public Task<HttpHead?> ReadHeadAsync(CancellationToken cancellationToken) => HttpHead.ReadAsync(_fromClient, cancellationToken);

    public async Task RunAsync(HttpHead head, Fault? fault, CancellationToken cancellationToken)
    {
        switch (fault)
        {
            case StallFault:
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
                return;
            case AnswerFault { Forwards: false } answer:
                // A client that waits for 100 Continue has not sent its body, and need not.
                if (head["Expect"] is null)
                    await HttpBody.CopyAsync(head, _fromClient, Stream.Null, untilClosed: false, long.MaxValue, cancellationToken);
                await AnswerAsync(answer.Status, Encoding.UTF8.GetBytes(answer.Body), answer.Headers, cancellationToken);
                return;
            case DelayFault delay:
                await Task.Delay(delay.Time, TimeProvider.System, cancellationToken);
                break;
        }

        await ForwardAsync(head, fault, cancellationToken);
    }

    public void Dispose()
    {
        _fromClient.Dispose();
        _toClient.Dispose();
        _client.Dispose();
        _server.Dispose();
    }

    private async Task ForwardAsync(HttpHead head, Fault? fault, CancellationToken cancellationToken)
    {
        await _server.ConnectAsync(_target.Host, _target.Port, cancellationToken);
        await using var server = new NetworkStream(_server, ownsSocket: false);
        await using var buffered = new BufferedStream(server);
        await server.WriteAsync(head.ToBytes(["Connection"], "Connection: close"), cancellationToken);
        var sending = SendBodyAsync(head, server, fault as ResetFault, cancellationToken);
        var answering = RelayAnswerAsync(head, buffered, fault, cancellationToken);
        // An answer may come before the body was sent; its end is the end of the exchange. A broken upload is the end as well.
        if (await Task.WhenAny(sending, answering) == sending && !sending.IsCompletedSuccessfully)
            _server.Close();
        await answering;
    }

    private async Task SendBodyAsync(HttpHead head, Stream server, ResetFault? reset, CancellationToken cancellationToken)
    {
        try
        {
            var whole = await HttpBody.CopyAsync(head, _fromClient, server, untilClosed: false, reset?.AfterRequestBytes ?? long.MaxValue, cancellationToken);
            if (reset is null && whole)
                return;
        }
        finally
        {
            if (reset is not null)
                Reset(_client);
        }

        throw new IOException("The request's body broke off.");
    }

    private async Task RelayAnswerAsync(HttpHead request, BufferedStream server, Fault? fault, CancellationToken cancellationToken)
    {
        var head = await HttpHead.ReadAsync(server, cancellationToken) ?? throw new IOException("The server closed the connection.");
        while (head.Status < 200)
        {
            await _toClient.WriteAsync(head.ToBytes([]), cancellationToken);
            head = await HttpHead.ReadAsync(server, cancellationToken) ?? throw new IOException("The server closed the connection.");
        }

        var empty = request.Method == "HEAD" || head.Status is 204 or 304;
        switch (fault)
        {
            case AnswerFault answer:
                if (!empty)
                    await HttpBody.ReadAsync(head, server, cancellationToken);
                await AnswerAsync(answer.Status, Encoding.UTF8.GetBytes(answer.Body), answer.Headers, cancellationToken);
                return;
            case RewriteFault rewrite:
                var body = Encoding.UTF8.GetBytes(rewrite.Body(Encoding.UTF8.GetString(empty ? [] : await HttpBody.ReadAsync(head, server, cancellationToken))));
                await _toClient.WriteAsync(head.ToBytes(["Connection", "Content-Length", "Transfer-Encoding"], Length(body), "Connection: close"), cancellationToken);
                await _toClient.WriteAsync(body, cancellationToken);
                return;
        }

        await _toClient.WriteAsync(head.ToBytes(["Connection"], "Connection: close"), cancellationToken);
        var cut = fault as CutFault;
        if (!empty)
            await HttpBody.CopyAsync(head, server, _toClient, untilClosed: true, cut?.AfterBytes ?? long.MaxValue, cancellationToken);
        if (cut?.End == CutEnd.Reset)
            Reset(_client);
        else if (cut?.End == CutEnd.Stall)
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
    }

    private async Task AnswerAsync(int status, byte[] body, (string Name, string Value)[] headers, CancellationToken cancellationToken)
    {
        var lines = headers.Select(header => $"{header.Name}: {header.Value}").Append(Length(body)).Append("Connection: close");
        var head = FormattableString.Invariant($"HTTP/1.1 {status} Injected\r\n") + string.Join("\r\n", lines) + "\r\n\r\n";
        await _toClient.WriteAsync((byte[])[.. Encoding.Latin1.GetBytes(head), .. body], cancellationToken);
    }

    private static string Length(byte[] body) => "Content-Length: " + body.Length.ToString(CultureInfo.InvariantCulture);

    private static void Reset(Socket socket)
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Close();
    }
}
