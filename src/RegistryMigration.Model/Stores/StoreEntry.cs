namespace RegistryMigration.Model;

/// <summary>One key in a store, as a listing tells of it.</summary>
/// <param name="Key">The key below the store's root, with <c>/</c> between segments and none at the front.</param>
/// <param name="Size">Bytes, or <see cref="UnknownSize"/> where the listing can't know (a Swift large object is listed with 0 bytes).</param>
/// <param name="Md5">MD5 of the content in lower-case hex where the listing carries it; null elsewhere (file systems, multipart objects).</param>
/// <param name="LastModified">When the entry was last written, where the store tells.</param>
public readonly record struct StoreEntry(string Key, long Size, string? Md5 = null, DateTimeOffset? LastModified = null)
{
    /// <summary>The size of an entry that only a look at the object itself can tell.</summary>
    public const long UnknownSize = -1;
}
