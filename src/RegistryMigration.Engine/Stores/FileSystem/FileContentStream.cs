using Microsoft.Win32.SafeHandles;
using RegistryMigration.Engine.Content;

namespace RegistryMigration.Engine.Stores.FileSystem;

/// <summary>Reads an open file from an offset on, straight into the caller's buffer.</summary>
internal sealed class FileContentStream(SafeFileHandle handle, long offset, StoreTraffic traffic, string store, string key) : ReadOnlyStream
{
    private long _position = offset;

    // Files have no asynchronous reads on Linux: .NET's hand the call to another thread of the same pool, which blocks there instead. The
    // hop costs more than reading a small file.
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            var read = RandomAccess.Read(handle, buffer.Span, _position);
            _position += read;
            if (read > 0)
                traffic.CountRead(read);
            return new ValueTask<int>(read);
        }
        catch (Exception e) when (FileFailures.Is(e))
        {
            throw FileFailures.From(e, store, key);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            handle.Dispose();
        base.Dispose(disposing);
    }
}
