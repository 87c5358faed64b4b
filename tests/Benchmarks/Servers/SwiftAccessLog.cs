using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace RegistryMigration.Benchmarks.Servers;

/// <summary>
/// Swift's own access log, received as a datagram for each request when it has ended: every request of a client, and the bytes of all
/// bodies, also of those that were cut off and of listings.
/// </summary>
internal sealed partial class SwiftAccessLog : IAsyncDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly CancellationTokenSource _end = new();
    private readonly Lock _gate = new();
    private readonly Task _receiving;
    private Traffic _sum;

    public SwiftAccessLog()
    {
        _socket.ReceiveBufferSize = 8 << 20;
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _receiving = ReceiveAsync(_end.Token);
    }

    /// <summary>Where datagrams are received, as host:port.</summary>
    public string Address => _socket.LocalEndPoint!.ToString()!;

    /// <summary>What was counted up to now.</summary>
    public Traffic Sum
    {
        get
        {
            lock (_gate)
                return _sum;
        }
    }

    /// <summary>Datagrams that the kernel threw away since the start; a count is only true while this is 0.</summary>
    public async Task<long> DroppedAsync(CancellationToken cancellationToken)
    {
        var port = string.Create(CultureInfo.InvariantCulture, $":{((IPEndPoint)_socket.LocalEndPoint!).Port:X4}");
        var rows = await File.ReadAllLinesAsync("/proc/net/udp", cancellationToken);
        return rows.Select(row => row.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(cells => cells[1].EndsWith(port, StringComparison.Ordinal))
            .Sum(cells => long.Parse(cells[^1], CultureInfo.InvariantCulture));
    }

    /// <summary>Reads one line of the log.</summary>
    /// <returns>Null for a line that is no request.</returns>
    public static Traffic? Parse(string line) => Request().Match(line) is { Success: true } match
        ? new Traffic(1, Number(match.Groups["received"].Value), Number(match.Groups["sent"].Value))
        : null;

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _receiving;
        _socket.Dispose();
        _end.Dispose();
    }

    private async Task ReceiveAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[2048];
        try
        {
            while (true)
            {
                var length = await _socket.ReceiveAsync(buffer, cancellationToken);
                if (Parse(Encoding.ASCII.GetString(buffer, 0, length)) is not { } request)
                    continue;
                lock (_gate)
                    _sum += request;
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private static long Number(string text) => text == "-" ? 0 : long.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex(@": [A-Z]+ \d+ (?<received>\d+|-) (?<sent>\d+|-) \(txn: ", RegexOptions.CultureInvariant)]
    private static partial Regex Request();
}
