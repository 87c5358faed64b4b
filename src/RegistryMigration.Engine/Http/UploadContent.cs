using System.Net;
using System.Net.Http.Headers;

namespace RegistryMigration.Engine.Http;

/// <summary>An <see cref="UploadStream"/> as HttpClient wants it; disposed when it is sent.</summary>
internal sealed class UploadContent : HttpContent
{
    // As YARP's stream copier: larger buffers gained nothing there (src/ReverseProxy/Forwarder/StreamCopier.cs).
    private const int BufferSize = 64 << 10;

    private static readonly MediaTypeHeaderValue OctetStream = new("application/octet-stream");

    public UploadContent(UploadStream body)
    {
        Body = body;
        Headers.ContentType = OctetStream;
    }

    public UploadStream Body { get; }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await using (Body)
            await Body.CopyToAsync(stream, BufferSize, cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = Body.Length;
        return true;
    }
}
