using RegistryMigration.Model;

namespace RegistryMigration.Engine.Layouts;

/// <summary>The layout of docker-registry (distribution) and everything built on it.</summary>
/// <remarks>Source: distribution/distribution, registry/storage/paths.go (the comment at its top lists every path).</remarks>
public sealed class DistributionLayout : ILayout
{
    /// <summary>The only instance.</summary>
    public static readonly DistributionLayout Instance = new();

    private const string Blobs = "blobs/";
    private const string Repositories = "repositories/";
    private const string Link = "/link";

    private DistributionLayout()
    {
    }

    /// <inheritdoc />
    public LayoutKind Kind => LayoutKind.Distribution;

    /// <inheritdoc />
    public IReadOnlyList<string> BlobPrefixes { get; } = ["blobs/sha256/", "blobs/sha512/"];

    /// <inheritdoc />
    public string? RepositoriesPrefix => Repositories;

    /// <inheritdoc />
    public IReadOnlyList<string> FilePrefixes { get; } = [];

    /// <inheritdoc />
    public string BlobKey(Digest digest) => $"{Blobs}{digest.Algorithm}/{digest.Shard}/{digest.Hex}/data";

    /// <summary>The key of a layer link.</summary>
    public static string LayerLinkKey(string repository, Digest digest) => $"{Repositories}{repository}/_layers/{digest.Algorithm}/{digest.Hex}{Link}";

    /// <summary>The key of a manifest revision link.</summary>
    public static string RevisionLinkKey(string repository, Digest digest) => $"{Repositories}{repository}/_manifests/revisions/{digest.Algorithm}/{digest.Hex}{Link}";

    /// <summary>The key of a tag's index link.</summary>
    public static string TagIndexLinkKey(string repository, string tag, Digest digest) => $"{Repositories}{repository}/_manifests/tags/{tag}/index/{digest.Algorithm}/{digest.Hex}{Link}";

    /// <summary>The key of the link that says where a tag points.</summary>
    public static string TagCurrentLinkKey(string repository, string tag) => $"{Repositories}{repository}/_manifests/tags/{tag}/current{Link}";

    /// <inheritdoc />
    public EntryInfo Classify(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (key.StartsWith(Blobs, StringComparison.Ordinal))
            return ClassifyBlob(key);
        if (key.StartsWith(Repositories, StringComparison.Ordinal))
            return ClassifyLink(key);
        return new EntryInfo(key.StartsWith("segments/", StringComparison.Ordinal) ? EntryKind.Segment : EntryKind.Unknown);
    }

    // blobs/<algorithm>/<first two hex digits>/<hex>/data
    private static EntryInfo ClassifyBlob(string key)
    {
        Span<Range> parts = stackalloc Range[6];
        var span = key.AsSpan();
        return span.Split(parts, '/') == 5
            && span[parts[4]] is "data"
            && Digest.IsValid(span[parts[1]], span[parts[3]])
            && span[parts[3]].StartsWith(span[parts[2]])
            && span[parts[2]].Length == 2
            ? new EntryInfo(EntryKind.Blob, key, parts[3])
            : new EntryInfo(EntryKind.Unknown);
    }

    // repositories/<name>/_layers/… , _manifests/… or _uploads/… ; a component of a name never starts with '_'.
    private static EntryInfo ClassifyLink(string key)
    {
        var marker = key.IndexOf("/_", Repositories.Length - 1, StringComparison.Ordinal);
        if (marker < Repositories.Length)
            return new EntryInfo(EntryKind.Unknown);
        var repository = Repositories.Length..marker;
        var offset = marker + 1;
        var rest = key.AsSpan(offset);
        if (rest.StartsWith("_uploads/"))
            return new EntryInfo(EntryKind.Upload, key, repository: repository);
        Span<Range> parts = stackalloc Range[9];
        parts = parts[..rest.Split(parts, '/')];
        if (parts.Length < 4 || rest[parts[^1]] is not "link")
            return new EntryInfo(EntryKind.Unknown, key, repository: repository);
        return rest[parts[0]] switch
        {
            "_layers" when parts.Length == 4 && IsDigest(rest, parts[1..]) => new EntryInfo(EntryKind.LayerLink, key, Shift(parts[2], offset), repository),
            "_manifests" => ClassifyManifestLink(key, rest, parts, offset, repository),
            _ => new EntryInfo(EntryKind.Unknown, key, repository: repository),
        };
    }

    // revisions/<alg>/<hex>/link · revisions/<alg>/<hex>/signatures/<alg>/<hex>/link · tags/<tag>/current/link · tags/<tag>/index/<alg>/<hex>/link
    private static EntryInfo ClassifyManifestLink(string key, ReadOnlySpan<char> rest, ReadOnlySpan<Range> parts, int offset, Range repository)
    {
        if (rest[parts[1]] is "revisions")
        {
            var signature = parts.Length == 8 && rest[parts[4]] is "signatures";
            var at = signature ? 5 : 2;
            if ((signature || parts.Length == 5) && IsDigest(rest, parts[at..]))
                return new EntryInfo(EntryKind.RevisionLink, key, Shift(parts[at + 1], offset), repository);
        }
        else if (rest[parts[1]] is "tags" && parts.Length >= 5)
        {
            var tag = Shift(parts[2], offset);
            if (parts.Length == 5 && rest[parts[3]] is "current")
                return new EntryInfo(EntryKind.TagCurrentLink, key, default, repository, tag);
            if (parts.Length == 7 && rest[parts[3]] is "index" && IsDigest(rest, parts[4..]))
                return new EntryInfo(EntryKind.TagIndexLink, key, Shift(parts[5], offset), repository, tag);
        }

        return new EntryInfo(EntryKind.Unknown, key, repository: repository);
    }

    private static Range Shift(Range range, int by) => (range.Start.Value + by)..(range.End.Value + by);

    // An algorithm and its hex digits, as two parts that follow each other.
    private static bool IsDigest(ReadOnlySpan<char> text, ReadOnlySpan<Range> parts) => Digest.IsValid(text[parts[0]], text[parts[1]]);
}
