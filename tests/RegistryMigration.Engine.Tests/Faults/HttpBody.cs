using System.Globalization;
using System.Text;

namespace RegistryMigration.Engine.Tests.Faults;

/// <summary>Moves the body that follows a head, in whatever framing it came, without changing a byte.</summary>
internal static class HttpBody
{
    /// <summary>Copies up to <paramref name="limit"/> bytes of content, with the framing around them; true when the whole body went through.</summary>
    /// <param name="head">The head, whose headers tell the framing.</param>
    /// <param name="from">The sender.</param>
    /// <param name="to">The receiver.</param>
    /// <param name="untilClosed">What a body without length or chunks means: an answer that ends with the connection, or a request without one.</param>
    /// <param name="limit">Content bytes to copy at most.</param>
    /// <param name="cancellationToken">Ends the copy.</param>
    public static async Task<bool> CopyAsync(HttpHead head, BufferedStream from, Stream to, bool untilClosed, long limit, CancellationToken cancellationToken)
    {
        if (head.IsChunked)
            return await CopyChunksAsync(from, to, limit, cancellationToken);
        if (head.ContentLength is { } length)
            return await CopyBytesAsync(from, to, Math.Min(length, limit), cancellationToken) == length;
        return !untilClosed || await CopyBytesAsync(from, to, limit, cancellationToken) < limit;
    }

    /// <summary>The whole body without its framing.</summary>
    public static async Task<byte[]> ReadAsync(HttpHead head, BufferedStream from, CancellationToken cancellationToken)
    {
        using var raw = new MemoryStream();
        await CopyAsync(head, from, raw, untilClosed: true, long.MaxValue, cancellationToken);
        if (!head.IsChunked)
            return raw.ToArray();
        using var chunks = new BufferedStream(new MemoryStream(raw.ToArray()));
        using var content = new MemoryStream();
        while (Size(await HttpHead.ReadLineAsync(chunks, cancellationToken)) is > 0 and var size)
        {
            await CopyBytesAsync(chunks, content, size, cancellationToken);
            await HttpHead.ReadLineAsync(chunks, cancellationToken);
        }

        return content.ToArray();
    }

    private static async Task<bool> CopyChunksAsync(BufferedStream from, Stream to, long limit, CancellationToken cancellationToken)
    {
        while (await HttpHead.ReadLineAsync(from, cancellationToken) is { } line)
        {
            await to.WriteAsync(Encoding.Latin1.GetBytes(line + "\r\n"), cancellationToken);
            var size = Size(line);
            var copied = await CopyBytesAsync(from, to, Math.Min(size, limit), cancellationToken);
            limit -= copied;
            if (copied < size)
                return false;
            await to.WriteAsync(Encoding.Latin1.GetBytes(await HttpHead.ReadLineAsync(from, cancellationToken) + "\r\n"), cancellationToken);
            await to.FlushAsync(cancellationToken);
            if (size == 0)
                return true;
        }

        return false;
    }

    private static long Size(string? line) => line is null ? 0 : long.Parse(line.Split(';')[0].Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private static async Task<long> CopyBytesAsync(Stream from, Stream to, long count, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 * 1024];
        long copied = 0;
        while (copied < count)
        {
            var read = await from.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, count - copied)), cancellationToken);
            if (read == 0)
                break;
            await to.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            await to.FlushAsync(cancellationToken);
            copied += read;
        }

        return copied;
    }
}
