using System.Net;
using System.Net.Sockets;
using System.Text;
using RegistryMigration.Benchmarks.Servers;

namespace RegistryMigration.Benchmarks.Tests.Servers;

public sealed class CounterTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Reads_the_counters_of_Cephs_gateway() => Assert.Equal(
        new Traffic(135656, 2195532302, 999),
        CephCounters.Parse("""{"rgw": {"req": 135656, "failed_req": 4, "get": 2, "get_b": 999, "put": 27172, "put_b": 2195532302, "get_initial_lat": {"avgcount": 0}}}"""u8.ToArray()));

    [Theory]
    [InlineData("<134>swift-proxy: PUT 201 20000000 - (txn: tx2f66f41ac480421eb229f-006b0172aa)\0", 20000000, 0)]
    [InlineData("<134>swift-proxy: GET 200 - 1000 (txn: txf00efec7ff33a44abaf4ce-006b0172ab)\0", 0, 1000)]
    [InlineData("<134>swift-proxy: HEAD 404 - - (txn: tx85b64af8cc40fca659f-006b0172ab)\0", 0, 0)]
    public void Reads_a_line_of_Swifts_access_log(string line, long received, long sent) =>
        Assert.Equal(new Traffic(1, received, sent), SwiftAccessLog.Parse(line));

    [Fact]
    public void Passes_over_other_lines_of_Swifts_log() => Assert.Null(SwiftAccessLog.Parse("<134>swift-proxy: Started child 17"));

    [Theory]
    [InlineData("4", 10)]
    [InlineData("5", 0)]
    public void Reads_processor_time_of_a_session_from_stat(string session, long ticks) =>
        Assert.Equal(ticks, ServerProcessors.Ticks("7 (a (b) c) S 1 7 4 0 -1 4194560 100 200 0 0 1 2 3 4 20 0 1 0 5000", new HashSet<string> { session }));

    [Fact]
    public async Task Sums_up_the_datagrams_it_gets()
    {
        await using var log = new SwiftAccessLog();
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        for (var i = 0; i < 3; i++)
            await socket.SendToAsync(Encoding.ASCII.GetBytes("<134>swift-proxy: PUT 201 100 7 (txn: tx1)"), IPEndPoint.Parse(log.Address), Cancellation);
        while (log.Sum.Requests < 3)
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Cancellation);
        Assert.Equal(new Traffic(3, 300, 21), log.Sum);
        Assert.Equal(0, await log.DroppedAsync(Cancellation));
    }

    [Fact]
    public async Task Relay_passes_bytes_both_ways_counts_those_of_the_client_and_tells_when_there_are_enough()
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        await using var relay = new ByteRelay($"http://{server.LocalEndpoint}");
        var reached = new TaskCompletionSource();
        relay.Notify(250, reached.SetResult);
        using var client = new TcpClient();
        var address = new Uri(relay.Endpoint);
        await client.ConnectAsync(address.Host, address.Port, Cancellation);
        using var accepted = await server.AcceptTcpClientAsync(Cancellation);
        var buffer = new byte[200];
        await client.GetStream().WriteAsync(buffer, Cancellation);
        await accepted.GetStream().ReadExactlyAsync(buffer, Cancellation);
        Assert.Equal(200, relay.Received);
        Assert.False(reached.Task.IsCompleted);
        await accepted.GetStream().WriteAsync(buffer, Cancellation);
        await client.GetStream().ReadExactlyAsync(buffer, Cancellation);
        await client.GetStream().WriteAsync(buffer, Cancellation);
        await reached.Task.WaitAsync(Cancellation);
        Assert.Equal(400, relay.Received);
    }
}
