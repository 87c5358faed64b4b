using System.Security.Cryptography;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Content;

#pragma warning disable CA5351 // Listings and ETags carry MD5: it finds accidents, and nothing is trusted for it. What proves content is its digest.

/// <summary>A running MD5, written in lower-case hex as listings and ETags do.</summary>
internal sealed class Md5Hash : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.MD5);

    public void Append(ReadOnlySpan<byte> bytes) => _hash.AppendData(bytes);

    public string Finish()
    {
        Span<byte> hash = stackalloc byte[MD5.HashSizeInBytes];
        return Hex(hash[.._hash.GetHashAndReset(hash)]);
    }

    public void Dispose() => _hash.Dispose();

    public static string Of(ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[MD5.HashSizeInBytes];
        MD5.HashData(bytes, hash);
        return Hex(hash);
    }

    /// <summary>The MD5 that an ETag is, without its quotes; null where it is none (that of a multipart upload has a dash).</summary>
    public static string? InETag(string? etag)
    {
        var bare = etag.AsSpan().Trim('"');
        return bare.Length == 2 * MD5.HashSizeInBytes && Digest.IsHex(bare) ? bare.ToString() : null;
    }

    private static string Hex(ReadOnlySpan<byte> hash) => Convert.ToHexString(hash).ToLowerInvariant();
}
