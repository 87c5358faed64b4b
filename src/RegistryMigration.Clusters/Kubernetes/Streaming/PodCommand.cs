using System.Globalization;
using System.Net.WebSockets;
using RegistryMigration.Clusters.Kubernetes.Requests;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Kubernetes.Streaming;

/// <summary>Runs a command in a container over a WebSocket. Never repeated once it may have begun.</summary>
/// <remarks>
/// Channels: https://kubernetes.io/docs/reference/using-api/api-concepts/ and k8s.io/apimachinery's remotecommand constants. Version 5 (served since
/// Kubernetes 1.29) can say that the input has ended; with version 4 the container's own sh and head count it off.
/// </remarks>
internal sealed class PodCommand(ApiTransport transport, string @namespace, string pod, ExecOptions options)
{
    private const string Version5 = "v5.channel.k8s.io";
    private const string Version4 = "v4.channel.k8s.io";

    /// <summary>Runs it to its end.</summary>
    /// <exception cref="ClusterException">It can't be started, or the connection ends before it does.</exception>
    public async Task<ExecResult> RunAsync(CancellationToken cancellationToken)
    {
        if (options.Command.Count == 0)
            throw new ArgumentException("There is no command to run.");
        // Nothing to read is what a command without input sees as well.
        if (options.Input is not { Length: > 0 } input)
            return await RunAsync([Version5, Version4], options.Command, null, cancellationToken);
        try
        {
            return await RunAsync([Version5], options.Command, input, cancellationToken);
        }
        // A server that does not know the version refuses the handshake and has run nothing. RBAC's refusal has a reason.
        catch (ClusterException e) when (e is { StatusCode: 400 or 403 or 500, Reason: null })
        {
            string[] counted = ["sh", "-c", "n=$1; shift; head -c \"$n\" | \"$@\"", "sh", input.Length.ToString(CultureInfo.InvariantCulture), .. options.Command];
            return await RunAsync([Version4], counted, input, cancellationToken);
        }
    }

    private async Task<ExecResult> RunAsync(IReadOnlyList<string> protocols, IReadOnlyList<string> command, ReadOnlyMemory<byte>? input, CancellationToken cancellationToken)
    {
        var request = new ApiRequest
        {
            Method = HttpMethod.Get,
            Verb = "create",
            Path = ApiPaths.Query(
                ApiPaths.Object(ResourceTypes.Pods, @namespace, pod, "exec"),
                [.. command.Select(part => ("command", (string?)part)), ("container", options.Container), ("stdin", input is null ? null : "true"), ("stdout", "true"), ("stderr", "true")]),
            Resource = "pods/exec",
            Namespace = @namespace,
            Name = pod,
            Accept = "*/*",
        };
        using var socket = await WebSocketUpgrade.OpenAsync(transport, request, protocols, cancellationToken);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var session = new ExecSession(socket);
        var sending = input is { } bytes ? session.SendAsync(bytes, close: socket.SubProtocol == Version5, stop.Token) : Task.CompletedTask;
        try
        {
            return await session.ReceiveAsync(request, stop.Token);
        }
        catch (WebSocketException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new ClusterException(ClusterErrorKind.Transient, $"exec in {request.Target}: the connection broke: {e.Message} Whether the command ended is not known.", e) { Target = request.Target };
        }
        finally
        {
            // A command that ends without reading all of its input leaves the sender behind.
            await stop.CancelAsync();
            await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
