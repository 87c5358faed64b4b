using RegistryMigration.Model;

namespace RegistryMigration.Engine.Content;

/// <summary>Holds content to the length it was said to have.</summary>
internal static class ContentLength
{
    /// <summary>Whether a stream has no more bytes; takes one where it has.</summary>
    public static async ValueTask<bool> IsAtEndAsync(Stream content, CancellationToken cancellationToken) => await content.ReadAsync(new byte[1], cancellationToken) == 0;

    public static StoreException EndedEarly(long read, long length) =>
        new(StoreErrorKind.Integrity, FormattableString.Invariant($"The content ended after {read} of {length} bytes. It is truncated at its source, or changed there."));

    public static StoreException TooLong(long length) =>
        new(StoreErrorKind.Integrity, FormattableString.Invariant($"The content is longer than the {length} bytes it was said to have. It changed at its source."));
}
