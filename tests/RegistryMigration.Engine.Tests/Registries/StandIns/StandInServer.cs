using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RegistryMigration.Engine.Tests.Registries.StandIns;

/// <summary>A request as it arrived.</summary>
public sealed record StandInRequest(string Method, string Target, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string Path => Target.Split('?')[0];

    public string? Authorization => Headers.GetValueOrDefault("Authorization");

    /// <summary>All values of a query parameter.</summary>
    public IReadOnlyList<string> Query(string name) =>
        [.. Target.Split('?').Skip(1).SelectMany(q => q.Split('&')).Select(p => p.Split('=', 2)).Where(p => p[0] == name).Select(p => Uri.UnescapeDataString(p[1]))];
}

/// <summary>An answer, which may be cut short or never come.</summary>
public sealed record StandInResponse(int Status, byte[]? Body = null, params (string Name, string Value)[] Headers)
{
    /// <summary>Close the connection after this many bytes of the body, with the Content-Length of the whole.</summary>
    public int? CutAfter { get; init; }

    /// <summary>Send this many bytes of the body and then nothing more, with the connection open.</summary>
    public int? StallAfter { get; init; }

    /// <summary>Writes what comes after the head by itself: chunks, or another protocol. The connection is closed when it ends.</summary>
    public Func<Stream, CancellationToken, Task>? Raw { get; init; }

    public static StandInResponse Json(int status, string json, params (string Name, string Value)[] headers) =>
        new(status, Encoding.UTF8.GetBytes(json), [("Content-Type", "application/json"), .. headers]);

    /// <summary>An error document of the distribution specification.</summary>
    public static StandInResponse Error(int status, string code, string message, params (string Name, string Value)[] headers) =>
        Json(status, $$$"""{"errors":[{"code":"{{{code}}}","message":"{{{message}}}","detail":{}}]}""", headers);
}

/// <summary>A small HTTP/1.1 server on loopback whose answers, down to a connection cut in the middle, are a test's own.</summary>
public sealed class StandInServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<StandInRequest, StandInResponse> _answer;
    private readonly Task _accepting;

    public StandInServer(Func<StandInRequest, StandInResponse> answer)
    {
        _answer = answer;
        _listener.Start();
        Url = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");
        _accepting = AcceptAsync();
    }

    public Uri Url { get; }

    /// <summary>Everything that was asked, in order.</summary>
    public ConcurrentQueue<StandInRequest> Requests { get; } = new();

    /// <summary>Stops it; a second call does nothing.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested)
            return;
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
                connections.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                while (await ReadAsync(stream) is { } request)
                {
                    Requests.Enqueue(request);
                    if (!await WriteAsync(stream, request, _answer(request)))
                        return;
                }
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                // The client went away, or the test ended.
            }
        }
    }

    private async Task<StandInRequest?> ReadAsync(NetworkStream stream)
    {
        var head = new List<byte>();
        var one = new byte[1];
        while (!(head.Count >= 4 && head[^4..] is [13, 10, 13, 10]))
        {
            if (await stream.ReadAsync(one, _stop.Token) == 0)
                return null;
            head.Add(one[0]);
        }

        var lines = Encoding.Latin1.GetString([.. head]).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var headers = lines.Skip(1).Select(l => l.Split(':', 2)).ToDictionary(p => p[0], p => p[1].Trim(), StringComparer.OrdinalIgnoreCase);
        var body = new byte[int.Parse(headers.GetValueOrDefault("Content-Length", "0"), CultureInfo.InvariantCulture)];
        await stream.ReadExactlyAsync(body, _stop.Token);
        var first = lines[0].Split(' ');
        return new StandInRequest(first[0], first[1], headers, body);
    }

    private async Task<bool> WriteAsync(NetworkStream stream, StandInRequest request, StandInResponse response)
    {
        var body = response.Body ?? [];
        var head = new StringBuilder($"HTTP/1.1 {response.Status} Stand-in\r\n");
        if (response.Raw is null)
            head.Append(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n");
        foreach (var (name, value) in response.Headers)
            head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        await stream.WriteAsync(Encoding.Latin1.GetBytes(head + "\r\n"), _stop.Token);
        if (request.Method == "HEAD")
            return true;
        if (response.Raw is { } raw)
        {
            await raw(stream, _stop.Token);
            return false;
        }

        await stream.WriteAsync(body.AsMemory(0, response.CutAfter ?? response.StallAfter ?? body.Length), _stop.Token);
        if (response.StallAfter is not null)
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, _stop.Token);
        return response.CutAfter is null;
    }
}
