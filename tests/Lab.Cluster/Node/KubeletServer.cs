using System.Diagnostics;
using System.Globalization;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace RegistryMigration.Lab.Cluster;

/// <summary>The part of a kubelet's API that the API server passes clients on to: logs, and exec over WebSockets.</summary>
internal sealed class KubeletServer(LabState lab, Func<string, string, PodRun?> find) : IAsyncDisposable
{
    private const string Protocol = "v4.channel.k8s.io";
    private WebApplication? _server;

    /// <summary>Listens. The API server does not look at this certificate.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _server = LoopbackServer.Create(lab.OpenShift.KubeletPort, lab.OpenShift);
        _server.UseWebSockets();
        _server.MapGet("/containerLogs/{ns}/{pod}/{container}", LogAsync);
        _server.Map("/exec/{ns}/{pod}/{container}", ExecAsync);
        return _server.StartAsync(cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }

    private async Task LogAsync(HttpContext http, string ns, string pod, string container)
    {
        var query = http.Request.Query;
        if (find(ns, pod)?.Container(container)?.Log(Is(query["previous"])) is not { } log)
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            await http.Response.WriteAsync($"container \"{container}\" in pod \"{pod}\" is waiting to start or has no previous run", http.RequestAborted);
            return;
        }
        http.Response.ContentType = "text/plain";
        var since = query["sinceSeconds"].ToString() is { Length: > 0 } seconds ? TimeProvider.System.GetUtcNow().AddSeconds(-double.Parse(seconds, CultureInfo.InvariantCulture))
            : query["sinceTime"].ToString() is { Length: > 0 } from ? DateTimeOffset.Parse(from, CultureInfo.InvariantCulture) : DateTimeOffset.MinValue;
        var skip = 0;
        if (int.TryParse(query["tailLines"], CultureInfo.InvariantCulture, out var tail))
        {
            var count = 0;
            await foreach (var _ in log.ReadAsync(false, http.RequestAborted))
                count++;
            skip = Math.Max(0, count - tail);
        }
        await http.Response.StartAsync(http.RequestAborted);
        await foreach (var (time, text) in log.ReadAsync(Is(query["follow"]), http.RequestAborted))
        {
            if (skip-- > 0 || DateTimeOffset.Parse(time, CultureInfo.InvariantCulture) < since)
                continue;
            await http.Response.WriteAsync(Is(query["timestamps"]) ? $"{time} {text}\n" : $"{text}\n", http.RequestAborted);
            await http.Response.Body.FlushAsync(http.RequestAborted);
        }
    }

    // Channels: 0 in, 1 out, 2 errors, 3 how it ended. https://github.com/kubernetes/kubernetes/blob/v1.20.2/pkg/kubelet/cri/streaming/remotecommand/websocket.go
    private async Task ExecAsync(HttpContext http, string ns, string pod, string container)
    {
        if (!http.WebSockets.IsWebSocketRequest || find(ns, pod)?.Container(container)?.Inside is not { } inside)
        {
            http.Response.StatusCode = http.WebSockets.IsWebSocketRequest ? StatusCodes.Status404NotFound : StatusCodes.Status400BadRequest;
            return;
        }
        using var socket = await http.WebSockets.AcceptWebSocketAsync(Protocol);
        using var sending = new SemaphoreSlim(1);
        var cancellation = http.RequestAborted;
        async Task SendAsync(byte channel, ReadOnlyMemory<byte> content)
        {
            await sending.WaitAsync(cancellation);
            try
            {
                await socket.SendAsync(new byte[] { channel }.Concat(content.ToArray()).ToArray(), WebSocketMessageType.Binary, true, cancellation);
            }
            finally
            {
                sending.Release();
            }
        }

        string[] command = [.. http.Request.Query["command"].Select(part => inside.Paths.Replace(part ?? ""))];
        var start = new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in inside.Variables)
            start.Environment[name] = value;
        JsonObject status;
        try
        {
            using var process = Process.Start(start)!;
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            var input = Is(http.Request.Query["stdin"]) || Is(http.Request.Query["input"]) ? ReadInputAsync(socket, process, ended.Token) : CloseAsync(process);
            await Task.WhenAll(CopyAsync(process.StandardOutput.BaseStream, 1), CopyAsync(process.StandardError.BaseStream, 2));
            await process.WaitForExitAsync(cancellation);
            status = process.ExitCode == 0 ? new JsonObject { ["metadata"] = new JsonObject(), ["status"] = "Success" } : NonZero(process.ExitCode);
            await SendAsync(3, System.Text.Encoding.UTF8.GetBytes(status.ToJsonString()));
            // Cancelling a receive would abort the socket: the client answers the close, and that ends it.
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, cancellation);
            ended.CancelAfter(TimeSpan.FromSeconds(2));
            await input;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            status = new JsonObject { ["metadata"] = new JsonObject(), ["status"] = "Failure", ["reason"] = "InternalError", ["message"] = e.Message, ["code"] = 500 };
            await SendAsync(3, System.Text.Encoding.UTF8.GetBytes(status.ToJsonString()));
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, cancellation);
        }

        async Task CopyAsync(Stream from, byte channel)
        {
            var buffer = new byte[16384];
            while (await from.ReadAsync(buffer, cancellation) is > 0 and var read)
                await SendAsync(channel, buffer.AsMemory(0, read));
        }
    }

    private static Task CloseAsync(Process process)
    {
        process.StandardInput.Close();
        return Task.CompletedTask;
    }

    private static async Task ReadInputAsync(WebSocket socket, Process process, CancellationToken cancellationToken)
    {
        var buffer = new byte[65536];
        try
        {
            while (socket.State is WebSocketState.Open or WebSocketState.CloseSent)
            {
                var received = await socket.ReceiveAsync(buffer.AsMemory(), cancellationToken);
                if (received.MessageType == WebSocketMessageType.Close)
                    break;
                if (received.Count > 1 && buffer[0] == 0)
                {
                    await process.StandardInput.BaseStream.WriteAsync(buffer.AsMemory(1, received.Count - 1), cancellationToken);
                    await process.StandardInput.BaseStream.FlushAsync(cancellationToken);
                }
            }
            process.StandardInput.Close();
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException or IOException or InvalidOperationException)
        {
            // Either side is gone.
        }
    }

    private static JsonObject NonZero(int code) => new()
    {
        ["metadata"] = new JsonObject(),
        ["status"] = "Failure",
        ["reason"] = "NonZeroExitCode",
        ["message"] = $"command terminated with non-zero exit code: exit status {code}",
        ["details"] = new JsonObject { ["causes"] = new JsonArray(new JsonObject { ["reason"] = "ExitCode", ["message"] = $"{code}" }) },
    };

    private static bool Is(string? value) => value is "true" or "1";
}
