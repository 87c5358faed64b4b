using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using RegistryMigration.Clusters.Kubernetes.Requests;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Kubernetes.Streaming;

/// <summary>Opens a WebSocket over the connections, credentials and errors of every other request (RFC 6455, chapter 4).</summary>
internal static class WebSocketUpgrade
{
    // Proxies cut connections that are idle for a minute.
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(20);

    /// <param name="transport">The API server.</param>
    /// <param name="request">What to open.</param>
    /// <param name="protocols">The sub protocols offered, the best first.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="ClusterException">The server refuses, or speaks no WebSocket.</exception>
    public static async Task<WebSocket> OpenAsync(ApiTransport transport, ApiRequest request, IReadOnlyList<string> protocols, CancellationToken cancellationToken)
    {
        var key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
        var response = await transport.UpgradeAsync(request, headers => Ask(headers, key, protocols), cancellationToken);
        try
        {
            var accept = response.Headers.TryGetValues("Sec-WebSocket-Accept", out var accepts) ? accepts.FirstOrDefault() : null;
            var protocol = response.Headers.TryGetValues("Sec-WebSocket-Protocol", out var chosen) ? chosen.FirstOrDefault() : null;
            if (accept != Accept(key) || protocol is null || !protocols.Contains(protocol, StringComparer.Ordinal))
                throw new ClusterException(ClusterErrorKind.Other, $"{request.Verb} {request.Target}: {transport.Name} opens no WebSocket of {string.Join(" or ", protocols)}. A proxy on the way may not let WebSockets through.") { Target = request.Target };
            return WebSocket.CreateFromStream(await response.Content.ReadAsStreamAsync(cancellationToken), new WebSocketCreationOptions { SubProtocol = protocol, KeepAliveInterval = KeepAlive });
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    private static void Ask(HttpRequestHeaders headers, string key, IReadOnlyList<string> protocols)
    {
        headers.Connection.Add("Upgrade");
        headers.Upgrade.Add(new ProductHeaderValue("websocket"));
        headers.Add("Sec-WebSocket-Version", "13");
        headers.Add("Sec-WebSocket-Key", key);
        headers.Add("Sec-WebSocket-Protocol", string.Join(", ", protocols));
    }

#pragma warning disable CA5350 // The protocol's own; it proves that the server speaks WebSocket, and nothing else.
    private static string Accept(string key) => Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350
}
