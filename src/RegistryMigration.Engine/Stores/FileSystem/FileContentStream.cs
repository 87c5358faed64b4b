using Microsoft.Win32.SafeHandles;

namespace RegistryMigration.Engine.Stores.FileSystem;

/// <summary>Reads an open file from an offset on, straight into the caller's buffer.</summary>
internal sealed class FileContentStream(SafeFileHandle handle, long offset, StoreTraffic traffic, string store, string key) : Stream
{
    private long _position = offset;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            return Count(await RandomAccess.ReadAsync(handle, buffer, _position, cancellationToken));
        }
        catch (Exception e) when (FileFailures.Is(e))
        {
            throw FileFailures.From(e, store, key);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(Span<byte> buffer)
    {
        try
        {
            return Count(RandomAccess.Read(handle, buffer, _position));
        }
        catch (Exception e) when (FileFailures.Is(e))
        {
            throw FileFailures.From(e, store, key);
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            handle.Dispose();
        base.Dispose(disposing);
    }

    private int Count(int read)
    {
        _position += read;
        if (read > 0)
            traffic.CountRead(read);
        return read;
    }
}
