using System.Buffers;

namespace RegistryMigration.Engine.Http;

/// <summary>A whole body in a pooled buffer. A page of a listing has half a megabyte on S3, about 3 MB on Swift.</summary>
internal sealed class PooledBody : IDisposable
{
    private const int Limit = 64 << 20;

    private byte[] _buffer;
    private int _length;

    private PooledBody(int capacity) => _buffer = ArrayPool<byte>.Shared.Rent(capacity);

    /// <summary>The bytes as a stream that ends with this body.</summary>
    public Stream Open() => new MemoryStream(_buffer, 0, _length, writable: false);

    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> Span => _buffer.AsSpan(0, _length);

    /// <summary>Reads a stream to its end.</summary>
    /// <param name="stream">The body.</param>
    /// <param name="expected">Its length in bytes, where the answer tells.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="InvalidDataException">It has more than 64 MiB, which no page of a listing has.</exception>
    public static async Task<PooledBody> ReadAsync(Stream stream, long? expected, CancellationToken cancellationToken)
    {
        // One byte more than expected, so that the end is seen without growing.
        var body = new PooledBody((int)Math.Clamp((expected ?? 0) + 1, 64 * 1024, Limit));
        try
        {
            int read;
            while ((read = await stream.ReadAsync(body._buffer.AsMemory(body._length), cancellationToken)) > 0)
            {
                body._length += read;
                if (body._length > Limit)
                    throw new InvalidDataException(FormattableString.Invariant($"The answer has more than {Limit >> 20} MiB."));
                if (body._length == body._buffer.Length)
                    body.Grow();
            }

            return body;
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _length = 0;
    }

    private void Grow()
    {
        var larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
        _buffer.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
