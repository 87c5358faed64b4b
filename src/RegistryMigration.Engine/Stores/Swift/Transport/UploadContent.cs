using System.Net;

namespace RegistryMigration.Engine.Stores.Swift.Transport;

/// <summary>A body whose sending is watched, and that remembers when it was its own source that failed.</summary>
internal abstract class UploadContent : HttpContent
{
    /// <summary>Renewed as bytes leave; set by whoever sends the request.</summary>
    public StallWatch? Watch { get; set; }

    /// <summary>What the source of the bytes threw.</summary>
    public Exception? SourceFailure { get; protected set; }

    /// <summary>Bytes in all.</summary>
    protected abstract long Length { get; }

    protected abstract Task CopyAsync(Stream target, CancellationToken cancellationToken);

    protected sealed override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => CopyAsync(stream, CancellationToken.None);

    protected sealed override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) => CopyAsync(stream, cancellationToken);

    protected sealed override bool TryComputeLength(out long length)
    {
        length = Length;
        return true;
    }
}
