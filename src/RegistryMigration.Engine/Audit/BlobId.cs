using System.Globalization;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Audit;

/// <summary>The first 128 bits of a digest: what sets and tables of an audit hold instead of text.</summary>
/// <remarks>
/// Ten million blobs share such a prefix by accident with a probability of 1 in 10^24; somebody who makes a pair on purpose (2^64 hashes)
/// gains that the audit overlooks the absence of their own blob.
/// </remarks>
internal readonly record struct BlobId(ulong High, ulong Low) : IComparable<BlobId>
{
    public static BlobId Of(Digest digest) => new(Read(digest.Hex.AsSpan(0, 16)), Read(digest.Hex.AsSpan(16, 16)));

    public int CompareTo(BlobId other) => High != other.High ? High.CompareTo(other.High) : Low.CompareTo(other.Low);

    internal static ulong Read(ReadOnlySpan<char> hex) => ulong.Parse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
