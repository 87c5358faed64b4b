using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Tests.Support;
using RegistryMigration.Engine.Tests.Registries.StandIns;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Tests.Kubernetes.Streaming;

public sealed class PodCommandTests
{
    private const string Success = """{"metadata":{},"status":"Success"}""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Output_error_and_exit_code_come_back()
    {
        await using var server = new ApiServer(request => Accept(request, "v4.channel.k8s.io", async (socket, token) =>
        {
            await SendAsync(socket, 1, "", token);
            await SendAsync(socket, 1, "out", token);
            await SendAsync(socket, 2, "err", token);
            await SendAsync(socket, 1, "put", token);
            await SendAsync(socket, 3, """{"status":"Failure","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"3"}]}}""", token);
        }));
        Assert.Equal(new ExecResult(3, "output", "err"), await RunAsync(server, null, "ls", "-l", "/a b"));
        var request = server.Requests.Single();
        Assert.Equal("/api/v1/namespaces/apps/pods/web-1/exec", request.Path);
        Assert.Equal(["ls", "-l", "/a b"], request.Query("command"));
        Assert.Equal(("v5.channel.k8s.io, v4.channel.k8s.io", "Bearer t0ken"), (request.Headers["Sec-WebSocket-Protocol"], request.Authorization));
        Assert.Empty(request.Query("stdin"));
    }

    [Fact]
    public async Task Input_is_sent_and_its_end_is_told_where_that_is_possible()
    {
        var input = new string('i', 100_000);
        await using var server = new ApiServer(request => Accept(request, "v5.channel.k8s.io", async (socket, token) =>
        {
            var received = await ReceiveInputAsync(socket, input.Length, closes: true, token);
            await SendAsync(socket, 1, $"{received}", token);
            await SendAsync(socket, 3, Success, token);
        }));
        Assert.Equal(new ExecResult(0, "100000", ""), await RunAsync(server, input, "wc", "-c"));
        Assert.Equal(["true"], server.Requests.Single().Query("stdin"));
    }

    [Fact]
    public async Task An_older_server_lets_the_container_count_the_input()
    {
        await using var server = new ApiServer(request => request.Headers["Sec-WebSocket-Protocol"] == "v5.channel.k8s.io"
            ? new StandInResponse(403)
            : Accept(request, "v4.channel.k8s.io", async (socket, token) =>
            {
                await ReceiveInputAsync(socket, 5, closes: false, token);
                await SendAsync(socket, 3, Success, token);
            }));
        Assert.Equal(0, (await RunAsync(server, "hello", "cat", "-")).ExitCode);
        Assert.Equal(["sh", "-c", "n=$1; shift; head -c \"$n\" | \"$@\"", "sh", "5", "cat", "-"], server.Requests[1].Query("command"));
    }

    [Fact]
    public async Task A_missing_right_is_no_older_server()
    {
        await using var server = new ApiServer(_ => ApiServer.Refuse(403, "Forbidden", """pods "web-1" is forbidden: User "u" cannot get resource "pods/exec" in API group "" in the namespace "apps" """));
        var error = await Assert.ThrowsAsync<ClusterException>(() => RunAsync(server, "hello", "cat"));
        Assert.StartsWith("The account 'u' may not get pods/exec/web-1 in apps. Grant it the verb 'get' on pods/exec", error.Message, StringComparison.Ordinal);
        Assert.Single(server.Requests);
    }

    [Theory]
    [InlineData("""{"status":"Failure","reason":"InternalError","message":"container not running"}""", ClusterErrorKind.Other, "container not running")]
    [InlineData("no json", ClusterErrorKind.Other, "is no status")]
    [InlineData(null, ClusterErrorKind.Transient, "ended before the command did")]
    public async Task A_command_that_did_not_run_to_its_end_is_an_error(string? outcome, ClusterErrorKind kind, string message)
    {
        await using var server = new ApiServer(request => Accept(request, "v4.channel.k8s.io", async (socket, token) =>
        {
            if (outcome is not null)
                await SendAsync(socket, 3, outcome, token);
        }));
        var error = await Assert.ThrowsAsync<ClusterException>(() => RunAsync(server, null, "ls"));
        Assert.Equal(kind, error.Kind);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cut_connection_leaves_the_outcome_open_and_nothing_is_run_twice()
    {
        await using var server = new ApiServer(request => Accept(request, "v4.channel.k8s.io", (_, _) => throw new IOException("cut")));
        var error = await Assert.ThrowsAsync<ClusterException>(() => RunAsync(server, null, "ls"));
        Assert.Contains("not known", error.Message, StringComparison.Ordinal);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_proxy_without_web_sockets_is_said_to_be_one()
    {
        await using var server = new ApiServer(_ => new StandInResponse(101, null, ("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Accept", "wrong")));
        Assert.Contains("may not let WebSockets through", (await Assert.ThrowsAsync<ClusterException>(() => RunAsync(server, null, "ls"))).Message, StringComparison.Ordinal);
    }

    private static async Task<ExecResult> RunAsync(ApiServer server, string? input, params string[] command)
    {
        using var client = await server.ConnectAsync();
        return await client.ExecAsync("apps", "web-1", new ExecOptions { Command = command, Input = input is null ? null : Encoding.UTF8.GetBytes(input) }, Token);
    }

    private static StandInResponse Accept(StandInRequest request, string protocol, Func<WebSocket, CancellationToken, Task> serve)
    {
#pragma warning disable CA5350 // RFC 6455 says so.
        var accept = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(request.Headers["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350
        return new StandInResponse(101, null, ("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Accept", accept), ("Sec-WebSocket-Protocol", protocol))
        {
            Raw = async (stream, token) =>
            {
                using var socket = WebSocket.CreateFromStream(stream, new WebSocketCreationOptions { IsServer = true, SubProtocol = protocol });
                await serve(socket, token);
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, token);
            },
        };
    }

    private static Task SendAsync(WebSocket socket, byte channel, string text, CancellationToken cancellationToken) =>
        socket.SendAsync(new ArraySegment<byte>([channel, .. Encoding.UTF8.GetBytes(text)]), WebSocketMessageType.Binary, endOfMessage: true, cancellationToken);

    private static async Task<int> ReceiveInputAsync(WebSocket socket, int length, bool closes, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 * 1024];
        var received = 0;
        while (true)
        {
            if (received == length && !closes)
                return received;
            var message = await socket.ReceiveAsync(buffer.AsMemory(), cancellationToken);
            if (buffer[0] == 255)
                return message is { Count: 2 } && buffer[1] == 0 ? received : -1;
            Assert.True(message.EndOfMessage);
            received += message.Count - 1;
        }
    }
}
