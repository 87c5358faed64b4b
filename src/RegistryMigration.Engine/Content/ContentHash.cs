using System.Security.Cryptography;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Content;

/// <summary>A running hash of a digest's own algorithm.</summary>
internal sealed class ContentHash(string algorithm) : IDisposable
{
    private static readonly Digest EmptySha512 = Of([], "sha512");

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(algorithm == "sha512" ? HashAlgorithmName.SHA512 : HashAlgorithmName.SHA256);

    public void Append(ReadOnlySpan<byte> bytes) => _hash.AppendData(bytes);

    public Digest Finish()
    {
        Span<byte> hash = stackalloc byte[SHA512.HashSizeInBytes];
        return Digest.FromHash(algorithm, hash[.._hash.GetHashAndReset(hash)]);
    }

    public void Dispose() => _hash.Dispose();

    /// <summary>Whether content of zero bytes goes by this digest.</summary>
    public static bool IsOfNothing(Digest digest) => digest == Digest.EmptySha256 || digest == EmptySha512;

    public static Digest Of(ReadOnlySpan<byte> bytes, string algorithm)
    {
        if (algorithm != "sha512")
            return Digest.OfSha256(bytes);
        Span<byte> hash = stackalloc byte[SHA512.HashSizeInBytes];
        SHA512.HashData(bytes, hash);
        return Digest.FromHash(algorithm, hash);
    }
}
