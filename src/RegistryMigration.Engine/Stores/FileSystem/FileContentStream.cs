using Microsoft.Win32.SafeHandles;
using RegistryMigration.Engine.Content;

namespace RegistryMigration.Engine.Stores.FileSystem;

/// <summary>Reads an open file from an offset on, straight into the caller's buffer.</summary>
internal sealed class FileContentStream(SafeFileHandle handle, long offset, StoreTraffic traffic, string store, string key) : ReadOnlyStream
{
    private long _position = offset;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            var read = await RandomAccess.ReadAsync(handle, buffer, _position, cancellationToken);
            _position += read;
            if (read > 0)
                traffic.CountRead(read);
            return read;
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
