using RegistryMigration.Model;

namespace RegistryMigration.Engine.Layouts;

/// <summary>Quay's layout below its storage_path: blobs by digest; everything else it keeps is not content-addressed.</summary>
/// <remarks>Source: quay/quay storage/cloud.py and config.py; links live in Quay's database.</remarks>
internal sealed class QuayLayout : ILayout
{
    /// <summary>The only instance.</summary>
    public static readonly QuayLayout Instance = new();

    private static readonly string[] Kept = ["_verify", "sharedimages/", "userfiles/", "logarchive/", "actionlogarchive/"];

    private QuayLayout()
    {
    }

    /// <inheritdoc />
    public LayoutKind Kind => LayoutKind.Quay;

    /// <inheritdoc />
    public IReadOnlyList<string> BlobPrefixes { get; } = ["sha256/"];

    /// <inheritdoc />
    public string? RepositoriesPrefix => null;

    /// <inheritdoc />
    public IReadOnlyList<string> FilePrefixes => Kept;

    /// <inheritdoc />
    public string BlobKey(Digest digest) => $"{digest.Algorithm}/{digest.Shard}/{digest.Hex}";

    /// <inheritdoc />
    public EntryInfo Classify(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        // sha256/<first two hex digits>/<hex>
        if (key.Length == 74 && key.StartsWith("sha256/", StringComparison.Ordinal) && key[9] == '/'
            && Digest.IsValid("sha256", key.AsSpan(10)) && key.AsSpan(7, 2).SequenceEqual(key.AsSpan(10, 2)))
            return new EntryInfo(EntryKind.Blob, key, 10..74);
        if (key.StartsWith("uploads/", StringComparison.Ordinal))
            return new EntryInfo(EntryKind.Upload);
        if (key.StartsWith("segments/", StringComparison.Ordinal))
            return new EntryInfo(EntryKind.Segment);
        foreach (var prefix in Kept)
        {
            // "userfiles/" itself is a folder that a browser of buckets has made: nothing of Quay's, and no name that a directory could hold.
            if (key.StartsWith(prefix, StringComparison.Ordinal) && key[^1] != '/')
                return new EntryInfo(EntryKind.File);
        }

        return new EntryInfo(EntryKind.Unknown);
    }
}
