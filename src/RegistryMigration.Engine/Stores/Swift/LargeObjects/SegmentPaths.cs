using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace RegistryMigration.Engine.Stores.Swift.LargeObjects;

/// <summary>Names segments as docker-registry's driver does: <c>segments/abc/def…/0000000000000001</c>, in the container of the object.</summary>
/// <remarks>
/// Source: distribution v2.8.3, registry/storage/driver/swift/swift.go, swiftSegmentPath and getSegmentPath. The driver's path is random
/// and it finds segments by the manifest's header alone; ours follows from the content, so that a run that was killed finds what it sent.
/// </remarks>
internal sealed class SegmentPaths
{
    private const string DriverFiles = "files/docker/registry/";

    public SegmentPaths(string addressPrefix, string root)
    {
        // The driver keeps segments/ beside files/; an address that reaches below files/ must not put it elsewhere.
        var whole = addressPrefix + root;
        var files = whole.IndexOf(DriverFiles, StringComparison.Ordinal);
        var isDriver = files == 0 || (files > 0 && whole[files - 1] == '/');
        Root = (isDriver ? whole[..files] : addressPrefix) + "segments/";
    }

    /// <summary>What all segments' names start with.</summary>
    public string Root { get; }

    /// <summary>The path for content that is known by its digest; two generations, so that segments in use are never overwritten.</summary>
    public string For(string name, StoreContent content, long segmentSize, int generation) =>
        Path(content.Sha256 is { } digest
            ? string.Create(CultureInfo.InvariantCulture, $"{name}\n{digest}\n{content.Length}\n{segmentSize}\n{generation}")
            : Convert.ToHexString(RandomNumberGenerator.GetBytes(32)));

    /// <summary>The name of one segment; the first has number 1.</summary>
    public static string Segment(string path, int number) => string.Create(CultureInfo.InvariantCulture, $"{path}/{number:D16}");

    /// <summary>Whether a manifest's prefix is the place of one object's segments and of nothing else.</summary>
    public bool IsOneObjects(string prefix)
    {
        if (!prefix.StartsWith(Root, StringComparison.Ordinal))
            return false;
        var parts = prefix[Root.Length..].TrimEnd('/').Split('/');
        return parts.Length >= 2 && parts.All(part => part.Length > 0) && parts[1].Length >= 16;
    }

    private string Path(string seed)
    {
        var hash = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(seed))).ToLowerInvariant();
        return $"{Root}{hash[..3]}/{hash[3..]}";
    }
}
