using RegistryMigration.Engine.Http;

namespace RegistryMigration.Engine.Stores.S3;

/// <summary>The body of one S3 upload, with the digest that is signed and sent ahead of the bytes.</summary>
/// <remarks>The SDK wants parts that can be rewound; it never has to, for it does not retry here.</remarks>
internal sealed class RequestBody(string sha256, bool isPart, long length, Func<CancellationToken, ValueTask<Stream>> open, StoreTraffic traffic) : UploadStream(length, open, traffic)
{
    /// <summary>The payload's digest in lower-case hex.</summary>
    public string Sha256 => sha256;

    public override bool CanSeek => isPart;

    public override long Seek(long offset, SeekOrigin origin) => CanSeek && origin == SeekOrigin.Begin && offset == Position ? offset : throw new NotSupportedException();
}
