using System.Buffers;
using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes.Requests;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Kubernetes.Streaming;

/// <summary>The channels of a running command: each message begins with the number of its channel.</summary>
internal sealed class ExecSession(WebSocket socket)
{
    private const byte Input = 0;
    private const byte Output = 1;
    private const byte Error = 2;
    private const byte Outcome = 3;
    private const byte Close = 255;

    private const int Part = 32 * 1024;

    // Of a command's output; more belongs into a log or a file.
    private const int MaxOutput = 64 << 20;

    private readonly ArrayBufferWriter<byte> _output = new();
    private readonly ArrayBufferWriter<byte> _error = new();
    private readonly ArrayBufferWriter<byte> _outcome = new();

    /// <summary>Sends the input, and that it has ended where that can be said.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> input, bool close, CancellationToken cancellationToken)
    {
        var message = new byte[Part + 1];
        message[0] = Input;
        for (var at = 0; at < input.Length; at += Part)
        {
            var length = Math.Min(Part, input.Length - at);
            input.Slice(at, length).CopyTo(message.AsMemory(1));
            await socket.SendAsync(message.AsMemory(0, length + 1), WebSocketMessageType.Binary, endOfMessage: true, cancellationToken);
        }

        if (close)
            await socket.SendAsync(new byte[] { Close, Input }, WebSocketMessageType.Binary, endOfMessage: true, cancellationToken);
    }

    /// <summary>Reads until the command has ended.</summary>
    public async Task<ExecResult> ReceiveAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        var buffer = new byte[Part];
        ArrayBufferWriter<byte>? channel = null;
        var first = true;
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer.AsMemory(), cancellationToken);
            if (received.MessageType == WebSocketMessageType.Close)
                break;
            var data = buffer.AsMemory(0, received.Count);
            if (first && data.Length > 0)
            {
                channel = data.Span[0] switch { Output => _output, Error => _error, Outcome => _outcome, _ => null };
                data = data[1..];
                first = false;
            }

            if (channel is not null && _output.WrittenCount + _error.WrittenCount + data.Length > MaxOutput)
                throw new ClusterException(ClusterErrorKind.Other, $"exec in {request.Target}: the command writes more than {MaxOutput >> 20} MiB.") { Target = request.Target };
            if (channel is not null)
                channel.Write(data.Span);
            if (received.EndOfMessage)
                first = true;
        }

        return Result(request);
    }

    private ExecResult Result(ApiRequest request)
    {
        var (output, error) = (Text(_output), Text(_error));
        if (_outcome.WrittenCount == 0)
            throw new ClusterException(ClusterErrorKind.Transient, $"exec in {request.Target}: the connection ended before the command did. Whether it ended is not known.") { Target = request.Target };
        Resource status;
        try
        {
            status = new Resource(JsonNode.Parse(Text(_outcome))?.AsObject() ?? throw new JsonException("null"));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new ClusterException(ClusterErrorKind.Other, $"exec in {request.Target}: the answer about its end is no status.", e) { Target = request.Target };
        }

        if (status.Text("status") == "Success")
            return new ExecResult(0, output, error);
        // k8s.io/apimachinery: reason NonZeroExitCode, the code as a cause.
        var code = status.Items("details", "causes").OfType<JsonObject>().Where(cause => (string?)cause["reason"] == "ExitCode").Select(cause => (string?)cause["message"]).FirstOrDefault();
        return int.TryParse(code, NumberStyles.Integer, CultureInfo.InvariantCulture, out var exit)
            ? new ExecResult(exit, output, error)
            : throw new ClusterException(ClusterErrorKind.Other, $"exec in {request.Target} failed: {status.Text("message") ?? "no reason is given"}. Check that the container runs and has the command.") { Target = request.Target, Reason = status.Text("reason") };
    }

    private static string Text(ArrayBufferWriter<byte> channel) => Encoding.UTF8.GetString(channel.WrittenSpan);
}
