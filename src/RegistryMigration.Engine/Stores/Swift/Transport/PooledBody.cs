using System.Buffers;

namespace RegistryMigration.Engine.Stores.Swift.Transport;

/// <summary>A whole body in a pooled buffer. A page of 10,000 entries has about 3 MB.</summary>
internal sealed class PooledBody : IDisposable
{
    private byte[] _buffer;
    private int _length;

    private PooledBody(int capacity) => _buffer = ArrayPool<byte>.Shared.Rent(capacity);

    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> Span => _buffer.AsSpan(0, _length);

    /// <summary>Reads a stream to its end.</summary>
    public static async Task<PooledBody> ReadAsync(Stream stream, long? expected, CancellationToken cancellationToken)
    {
        // One byte more than expected, so that the end is seen without growing.
        var body = new PooledBody((int)Math.Clamp((expected ?? 0) + 1, 64 * 1024, 64 << 20));
        try
        {
            int read;
            while ((read = await stream.ReadAsync(body._buffer.AsMemory(body._length), cancellationToken)) > 0)
            {
                body._length += read;
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
