using RegistryMigration.Engine.Content;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Sync.Transfer;

/// <summary>Compares content with the digest it goes by.</summary>
internal static class DigestCheck
{
    /// <summary>Fails unless the bytes hash to the digest.</summary>
    public static void Verify(ReadOnlySpan<byte> content, Digest expected)
    {
        var actual = ContentHash.Of(content, expected.Algorithm);
        if (actual != expected)
            throw Mismatch(expected, actual);
    }

    public static StoreException Mismatch(Digest expected, Digest actual) =>
        new(StoreErrorKind.Integrity, $"The blob named {expected} holds content with digest {actual}. It is broken at the source and was not written; restore it from a backup or push its image again.") { Party = Party.Source };
}
