using RegistryMigration.Model;

namespace RegistryMigration.Engine.Stores.Swift.Transport;

/// <summary>Failures of content that is to be written, as opposed to those of the server it goes to.</summary>
internal static class SourceContent
{
    /// <summary>The content has fewer bytes than was said.</summary>
    public static StoreException EndedEarly(long length, long left) =>
        new(StoreErrorKind.Integrity, $"The content ended after {length - left} of {length} bytes. It is truncated at its source, or changed there.");
}
