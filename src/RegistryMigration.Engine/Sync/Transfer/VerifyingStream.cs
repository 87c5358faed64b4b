using RegistryMigration.Engine.Content;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Sync.Transfer;

/// <summary>Hashes what passes and gives its last bytes away only when the digest agrees.</summary>
/// <remarks>A target that ends its write at the end of the stream therefore never completes an object under a wrong name.</remarks>
internal sealed class VerifyingStream : ReadOnlyStream
{
    private readonly Stream _inner;
    private readonly Digest _expected;
    private readonly ContentHash _hash;
    private long _left;

    public VerifyingStream(Stream inner, long length, Digest expected)
    {
        _inner = inner;
        Length = length;
        _left = length;
        _expected = expected;
        _hash = new ContentHash(expected.Algorithm);
        if (length == 0)
            CheckDigest();
    }

    public override long Length { get; }

    public override long Position
    {
        get => Length - _left;
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_left == 0)
            return 0;
        var read = await _inner.ReadAsync(buffer, cancellationToken);
        _hash.Append(buffer.Span[..read]);
        _left -= read;
        if (_left == 0)
            CheckDigest();
        return read;
    }

    public override async ValueTask DisposeAsync()
    {
        _hash.Dispose();
        await _inner.DisposeAsync();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private void CheckDigest()
    {
        var actual = _hash.Finish();
        if (actual != _expected)
            throw DigestCheck.Mismatch(_expected, actual);
    }
}
