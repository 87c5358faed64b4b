using RegistryMigration.Model;

namespace RegistryMigration.Engine.Stores.S3;

/// <summary>The body of one upload request: counts bytes, insists on the length, and remembers how its source failed.</summary>
/// <remarks>
/// Everything that the SDK and HttpClient wrap around a failing source is undone with <see cref="Failure"/>. A body that is too short,
/// too long or fails breaks off before its last byte, so that no server takes the request for complete.
/// </remarks>
internal sealed class RequestBody(Stream content, long length, string sha256, StoreTraffic traffic) : Stream
{
    private readonly byte[] _probe = new byte[1];
    private long _position;

    /// <summary>The payload's digest in lower-case hex, which is signed and sent ahead of the bytes.</summary>
    public string Sha256 { get; } = sha256;

    /// <summary>What the source threw; null while it is well.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Rests while the source is read.</summary>
    public Patience? Patience { get; set; }

    public override bool CanRead => true;

    // The SDK wants parts that can be rewound; it never has to, for it does not retry here.
    public override bool CanSeek => content is MemoryStream;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position
    {
        get => _position;
        set => Seek(value, SeekOrigin.Begin);
    }

    public override long Seek(long offset, SeekOrigin origin) => CanSeek ? _position = content.Seek(offset, origin) : throw new NotSupportedException();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Patience?.Pause();
        try
        {
            var read = await content.ReadAsync(buffer, cancellationToken);
            if (read == 0 && buffer.Length > 0 && _position < length)
                throw Broken($"The content ended after {_position} of {length} bytes.");
            if (_position + read > length || (_position < length && _position + read == length && await content.ReadAsync(_probe, cancellationToken) > 0))
                throw Broken($"The content is longer than the {length} bytes it was said to have.");
            _position += read;
            traffic.CountWritten(read);
            return read;
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            Failure = e;
            throw;
        }
        finally
        {
            Patience?.Renew();
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Bodies are read asynchronously.");

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private static StoreException Broken(FormattableString message) => new(StoreErrorKind.Integrity, FormattableString.Invariant(message));
}
