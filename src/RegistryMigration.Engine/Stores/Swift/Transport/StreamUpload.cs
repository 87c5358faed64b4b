using System.Buffers;
using System.Security.Cryptography;

namespace RegistryMigration.Engine.Stores.Swift.Transport;

/// <summary>Sends content that streams, and takes its MD5 on the way: Swift answers a PUT with the MD5 of what arrived.</summary>
internal sealed class StreamUpload(StoreContent content, StoreTraffic traffic) : UploadContent
{
    // As YARP's stream copier: larger buffers gained nothing there (src/ReverseProxy/Forwarder/StreamCopier.cs).
    private const int BufferSize = 64 * 1024;

    /// <summary>MD5 in lower-case hex, once all is sent.</summary>
    public string? Md5 { get; private set; }

    protected override long Length => content.Length;

    protected override async Task CopyAsync(Stream target, CancellationToken cancellationToken)
    {
        using var md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            Watch?.Pause();
            await using var source = await OpenAsync(cancellationToken);
            for (var left = content.Length; left > 0;)
            {
                var read = await ReadAsync(source, buffer.AsMemory(0, (int)Math.Min(buffer.Length, left)), left, cancellationToken);
                md5.AppendData(buffer, 0, read);
                Watch?.Renew();
                await target.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                Watch?.Pause();
                traffic.CountWritten(read);
                left -= read;
            }

            Md5 = Convert.ToHexString(md5.GetHashAndReset()).ToLowerInvariant();
            Watch?.Renew();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async ValueTask<Stream> OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await content.OpenAsync(cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            SourceFailure = e;
            throw;
        }
    }

    private async ValueTask<int> ReadAsync(Stream source, Memory<byte> buffer, long left, CancellationToken cancellationToken)
    {
        try
        {
            var read = await source.ReadAsync(buffer, cancellationToken);
            return read > 0 ? read : throw SourceContent.EndedEarly(content.Length, left);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            SourceFailure = e;
            throw;
        }
    }
}
