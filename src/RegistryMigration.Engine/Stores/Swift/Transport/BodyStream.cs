using RegistryMigration.Engine.Http;

namespace RegistryMigration.Engine.Stores.Swift.Transport;

/// <summary>The body of an answer: counted, cut when it stands still, its failures as store errors. Owns the answer.</summary>
internal sealed class BodyStream(HttpResponseMessage response, Stream body, HttpExchange http, string? key) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Opens the body of an answer, which is disposed with the stream, and here if that fails.</summary>
    public static async Task<BodyStream> OpenAsync(HttpResponseMessage response, HttpExchange http, string? key, CancellationToken cancellationToken)
    {
        try
        {
            return new BodyStream(response, await response.Content.ReadAsStreamAsync(cancellationToken), http, key);
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        using var watch = new StallWatch(http.Context.StallTimeout, http.Context.Time, cancellationToken);
        try
        {
            var read = await body.ReadAsync(buffer, watch.Token);
            http.Traffic.CountRead(read);
            return read;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (watch.HasStalled)
                throw http.Stalled(response.RequestMessage!.RequestUri!, e);
            throw e is OperationCanceledException ? e : HttpFailures.FromException(e, response.RequestMessage!.RequestUri!.Authority, key);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Network bodies are read asynchronously.");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            response.Dispose();
        base.Dispose(disposing);
    }
}
