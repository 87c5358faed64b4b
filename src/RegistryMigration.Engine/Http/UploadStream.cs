using RegistryMigration.Engine.Content;
using RegistryMigration.Engine.Stores;

namespace RegistryMigration.Engine.Http;

/// <summary>The body of one upload request: counts bytes, insists on the length, and remembers how its source failed.</summary>
/// <remarks>
/// The content is opened when its first byte is due, so that a request that is refused before reads nothing. A body that is too short, too
/// long or fails breaks off before its last byte, so that no server takes the request for complete.
/// </remarks>
internal sealed class UploadStream(long length, Func<CancellationToken, ValueTask<Stream>> open, StoreTraffic traffic, bool takeMd5 = false) : ReadOnlyStream
{
    private readonly Md5Hash? _md5 = takeMd5 ? new Md5Hash() : null;
    private Stream? _content;
    private long _position;

    /// <summary>What the source threw, however HttpClient wraps it; null while it is well.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Rests while the source is read; set by whoever sends the request.</summary>
    public StallWatch? Watch { get; set; }

    /// <summary>The MD5 of the content where it was asked for, once all of it has passed.</summary>
    public string? Md5 { get; private set; }

    public override long Length => length;

    public override long Position
    {
        get => _position;
        set => Seek(value, SeekOrigin.Begin);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Watch?.Pause();
        try
        {
            _content ??= await open(cancellationToken);
            var read = await _content.ReadAsync(buffer, cancellationToken);
            if (read == 0 && buffer.Length > 0 && _position < length)
                throw ContentLength.EndedEarly(_position, length);
            if (_position + read > length || (read > 0 && _position + read == length && !await ContentLength.IsAtEndAsync(_content, cancellationToken)))
                throw ContentLength.TooLong(length);
            _position += read;
            _md5?.Append(buffer.Span[..read]);
            if (_position == length)
                Md5 ??= _md5?.Finish();
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
            Watch?.Renew();
        }
    }

    public override async ValueTask DisposeAsync()
    {
        if (_content is not null)
            await _content.DisposeAsync();
        _md5?.Dispose();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
