using System.Security.Cryptography;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Registries;

/// <summary>A running hash of a digest's own algorithm.</summary>
internal sealed class ContentHash(string algorithm) : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(algorithm == "sha512" ? HashAlgorithmName.SHA512 : HashAlgorithmName.SHA256);

    public void Append(ReadOnlySpan<byte> bytes) => _hash.AppendData(bytes);

    public Digest Finish() => Digest.FromHash(algorithm, _hash.GetHashAndReset());

    public void Dispose() => _hash.Dispose();

    public static Digest Of(ReadOnlySpan<byte> bytes, string algorithm) =>
        algorithm == "sha512" ? Digest.FromHash(algorithm, SHA512.HashData(bytes)) : Digest.OfSha256(bytes);
}
