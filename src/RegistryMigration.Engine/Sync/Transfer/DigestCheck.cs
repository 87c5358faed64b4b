using System.Security.Cryptography;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Sync.Transfer;

/// <summary>Compares content with the digest it goes by.</summary>
internal static class DigestCheck
{
    public const int MaxHashBytes = 64;

    public static HashAlgorithmName AlgorithmOf(Digest digest) => digest.Algorithm == "sha512" ? HashAlgorithmName.SHA512 : HashAlgorithmName.SHA256;

    /// <summary>Fails unless the bytes hash to the digest.</summary>
    public static void Verify(ReadOnlySpan<byte> content, Digest expected)
    {
        Span<byte> hash = stackalloc byte[MaxHashBytes];
        var size = expected.Algorithm == "sha512" ? SHA512.HashData(content, hash) : SHA256.HashData(content, hash);
        var actual = Digest.FromHash(expected.Algorithm, hash[..size]);
        if (actual != expected)
            throw Mismatch(expected, actual);
    }

    public static StoreException Mismatch(Digest expected, Digest actual) =>
        new(StoreErrorKind.Integrity, $"The blob named {expected} holds content with digest {actual}. It is broken at the source and was not written; restore it from a backup or push its image again.") { Party = Party.Source };
}
