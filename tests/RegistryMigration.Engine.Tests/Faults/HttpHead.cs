using System.Globalization;
using System.Text;

namespace RegistryMigration.Engine.Tests.Faults;

/// <summary>The first line and headers of an HTTP/1.1 message, as they were on the wire.</summary>
internal sealed class HttpHead
{
    private readonly List<string> _headers;

    private HttpHead(string startLine, List<string> headers)
    {
        StartLine = startLine;
        _headers = headers;
    }

    public string StartLine { get; }

    public string Method => StartLine.Split(' ')[0];

    public string Target => StartLine.Split(' ')[1];

    public int Status => int.Parse(StartLine.Split(' ')[1], CultureInfo.InvariantCulture);

    public IEnumerable<string> Headers => _headers;

    public string? this[string name] =>
        _headers.Find(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))?[(name.Length + 1)..].Trim();

    public long? ContentLength => this["Content-Length"] is { } length ? long.Parse(length, CultureInfo.InvariantCulture) : null;

    public bool IsChunked => this["Transfer-Encoding"]?.Contains("chunked", StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>Reads up to the empty line, byte by byte from a buffered stream; null when the peer closed before the first byte.</summary>
    public static async Task<HttpHead?> ReadAsync(BufferedStream stream, CancellationToken cancellationToken)
    {
        var lines = new List<string>();
        while (await ReadLineAsync(stream, cancellationToken) is { } line)
        {
            if (line.Length == 0 && lines.Count > 0)
                return new HttpHead(lines[0], lines[1..]);
            if (line.Length > 0)
                lines.Add(line);
        }

        return null;
    }

    /// <summary>One line without its end; null at the end of the stream.</summary>
    public static async Task<string?> ReadLineAsync(BufferedStream stream, CancellationToken cancellationToken)
    {
        var line = new List<byte>(128);
        var one = new byte[1];
        while (await stream.ReadAsync(one, cancellationToken) == 1)
        {
            if (one[0] == '\n')
                return Encoding.Latin1.GetString([.. line]).TrimEnd('\r');
            line.Add(one[0]);
        }

        return null;
    }

    /// <summary>The head as bytes, without the named headers and with these in their place.</summary>
    public byte[] ToBytes(string[] without, params string[] with) => Encoding.Latin1.GetBytes(
        string.Join("\r\n", _headers.Where(line => !without.Any(name => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))).Prepend(StartLine).Concat(with)) + "\r\n\r\n");
}
