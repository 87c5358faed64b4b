using System.Security.Cryptography;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Content;

/// <summary>A running hash of a digest's own algorithm.</summary>
internal sealed class ContentHash(string algorithm) : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(algorithm == "sha512" ? HashAlgorithmName.SHA512 : HashAlgorithmName.SHA256);

    public void Append(ReadOnlySpan<byte> bytes) => _hash.AppendData(bytes);

    public Digest Finish()
    {
        Span<byte> hash = stackalloc byte[SHA512.HashSizeInBytes];
        return Digest.FromHash(algorithm, hash[.._hash.GetHashAndReset(hash)]);
    }

    public void Dispose() => _hash.Dispose();

    public static Digest Of(ReadOnlySpan<byte> bytes, string algorithm)
    {
        if (algorithm != "sha512")
            return Digest.OfSha256(bytes);
        Span<byte> hash = stackalloc byte[SHA512.HashSizeInBytes];
        SHA512.HashData(bytes, hash);
        return Digest.FromHash(algorithm, hash);
    }
}
