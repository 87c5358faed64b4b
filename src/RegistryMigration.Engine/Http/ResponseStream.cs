using RegistryMigration.Engine.Content;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Http;

/// <summary>The body of an answer: cut when it stands still, its failures as store errors. Owns the answer.</summary>
/// <param name="body">The bytes.</param>
/// <param name="owner">The answer.</param>
/// <param name="traffic">Where bytes are counted; null for what is no content.</param>
/// <param name="watch">Cuts reads; disposed with the stream.</param>
/// <param name="failure">The store error for an exception, told whether silence was the cause; null for what is none.</param>
internal sealed class ResponseStream(Stream body, IDisposable owner, StoreTraffic? traffic, StallWatch watch, Func<Exception, StallWatch, StoreException?> failure) : ReadOnlyStream
{
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            var read = await body.ReadAsync(buffer, watch.Start(cancellationToken));
            traffic?.CountRead(read);
            return read;
        }
        catch (Exception e) when (e is not StoreException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (failure(e, watch) is { } known)
                throw known;
            throw;
        }
        finally
        {
            watch.Pause();
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            body.Dispose();
            owner.Dispose();
            watch.Dispose();
        }

        base.Dispose(disposing);
    }
}
