using System.Text;
using RegistryMigration.Engine.Content;
using RegistryMigration.Engine.Layouts;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Sync.Planning;

/// <summary>What two listings tell about whether both sides have the same.</summary>
internal enum Sameness
{
    /// <summary>The same content.</summary>
    Same,

    /// <summary>Something else.</summary>
    Different,

    /// <summary>The listings can't tell; the objects must be looked at.</summary>
    Unclear,
}

/// <summary>Same means same: decides from names, sizes and listed MD5s, never from times.</summary>
internal static class SamenessRule
{
    // sha256: or sha512:
    private const int AlgorithmLength = 7;

    /// <summary>Compares two entries of one key.</summary>
    public static Sameness Compare(EntryInfo info, in StoreEntry source, in StoreEntry target)
    {
        if (source.Size < 0 || target.Size < 0)
            return Sameness.Unclear;
        if (source.Size != target.Size)
            return Sameness.Different;
        if (info.Kind == EntryKind.Blob)
            return Sameness.Same;
        if (info.IsDerivedLink)
            return CompareLinks(info, source, target);
        if (source.Md5 is null || target.Md5 is null)
            return Sameness.Unclear;
        return source.Md5 == target.Md5 ? Sameness.Same : Sameness.Different;
    }

    /// <summary>The content that a link has by its key.</summary>
    public static byte[] LinkContent(Digest digest) => Encoding.ASCII.GetBytes(digest.ToString());

    /// <summary>The MD5 that a listing shows for a link that says what its key says.</summary>
    public static string LinkMd5(Digest digest) => LinkMd5(digest.Hex);

    private static string LinkMd5(ReadOnlySpan<char> hex)
    {
        Span<byte> content = stackalloc byte[AlgorithmLength + 128];
        var written = Encoding.ASCII.GetBytes(hex.Length == 128 ? "sha512:" : "sha256:", content);
        written += Encoding.ASCII.GetBytes(hex, content[written..]);
        return Md5Hash.Of(content[..written]);
    }

    // The size of a link follows from its key, and a listed MD5 proves what it says. Where no listing carries one, equal size is enough:
    // links are written once. A link that lies is found by the audit, and by the copy when it is made.
    private static Sameness CompareLinks(EntryInfo info, in StoreEntry source, in StoreEntry target)
    {
        if (source.Size != AlgorithmLength + info.Hex.Length)
            return Sameness.Unclear;
        if (source.Md5 is null && target.Md5 is null)
            return Sameness.Same;
        if (source.Md5 == target.Md5)
            return Sameness.Same;
        var expected = LinkMd5(info.Hex);
        return (source.Md5 ?? expected) == expected && (target.Md5 ?? expected) == expected ? Sameness.Same : Sameness.Unclear;
    }
}
