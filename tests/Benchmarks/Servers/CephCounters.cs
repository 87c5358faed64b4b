using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text.Json;

namespace RegistryMigration.Benchmarks.Servers;

/// <summary>
/// The counters that Ceph's gateway keeps anyway, read through its admin socket: every request, and the bytes of object bodies. It
/// counts a body when it is complete, and of each that it sends one byte too few; listings are not in its bytes.
/// </summary>
internal static class CephCounters
{
    private static readonly byte[] Question = "{\"prefix\":\"perf dump\",\"logger\":\"rgw\"}\0"u8.ToArray();

    /// <summary>Reads them.</summary>
    /// <param name="adminSocket">The path of the admin socket.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<Traffic> ReadAsync(string adminSocket, CancellationToken cancellationToken)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(adminSocket), cancellationToken);
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync(Question, cancellationToken);
        var length = new byte[sizeof(int)];
        await stream.ReadExactlyAsync(length, cancellationToken);
        var answer = new byte[BinaryPrimitives.ReadInt32BigEndian(length)];
        await stream.ReadExactlyAsync(answer, cancellationToken);
        return Parse(answer);
    }

    /// <summary>Takes the counters out of the answer.</summary>
    public static Traffic Parse(ReadOnlyMemory<byte> answer)
    {
        using var json = JsonDocument.Parse(answer);
        var counters = json.RootElement.GetProperty("rgw");
        return new Traffic(counters.GetProperty("req").GetInt64(), counters.GetProperty("put_b").GetInt64(), counters.GetProperty("get_b").GetInt64());
    }
}
