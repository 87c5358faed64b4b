using RegistryMigration.Model;

namespace RegistryMigration.Engine.Stores;

/// <summary>What is to be written: its length, what is known of its content, and how to get the bytes.</summary>
/// <remarks>
/// A stream opened here verifies itself: where a digest is given it fails with <see cref="StoreErrorKind.Integrity"/> before its last
/// byte, so that a store that ends its write only at the end of the stream never completes a wrong object.
/// </remarks>
public sealed class StoreContent
{
    private readonly Func<CancellationToken, ValueTask<Stream>> _open;

    /// <summary>Content that streams; <paramref name="open"/> may be called again for another attempt.</summary>
    public StoreContent(long length, Func<CancellationToken, ValueTask<Stream>> open)
    {
        Length = length;
        _open = open;
    }

    /// <summary>Small content in memory.</summary>
    public StoreContent(ReadOnlyMemory<byte> bytes)
    {
        Length = bytes.Length;
        Bytes = bytes;
        _open = _ => new ValueTask<Stream>(System.Runtime.InteropServices.MemoryMarshal.TryGetArray(bytes, out var segment)
            ? new MemoryStream(segment.Array!, segment.Offset, segment.Count, writable: false)
            : new MemoryStream(bytes.ToArray(), writable: false));
    }

    /// <summary>Bytes in all.</summary>
    public long Length { get; }

    /// <summary>The content itself where it is in memory.</summary>
    public ReadOnlyMemory<byte>? Bytes { get; }

    /// <summary>The sha256 that the content has (or the stream fails); lets a store send it ahead of the bytes. Null where unknown.</summary>
    public Digest? Sha256 { get; init; }

    /// <summary>Fail softly with <see cref="WriteOutcome.AlreadyPresent"/> when the key exists, where the store can.</summary>
    public bool IfAbsent { get; init; }

    /// <summary>Called at most once for each attempt, when the store has all bytes and the write only waits to become durable: others may use the time.</summary>
    public Action? Taken { get; init; }

    /// <summary>Opens the bytes from the start, for one attempt.</summary>
    public ValueTask<Stream> OpenAsync(CancellationToken cancellationToken) => _open(cancellationToken);
}
