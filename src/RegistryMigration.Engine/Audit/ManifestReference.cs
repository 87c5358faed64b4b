using System.Buffers.Binary;
using RegistryMigration.Engine.Manifests;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Audit;

/// <summary>One descriptor of a manifest without text: 56 bytes where a parsed one has some hundreds.</summary>
internal readonly struct ManifestReference
{
    private readonly ulong _a;
    private readonly ulong _b;
    private readonly ulong _c;
    private readonly ulong _d;
    private readonly string? _sha512;

    public ManifestReference(ManifestDescriptor descriptor, bool isManifest)
    {
        var hex = descriptor.Digest.Hex.AsSpan();
        (_a, _b, _c, _d) = (BlobId.Read(hex[..16]), BlobId.Read(hex[16..32]), BlobId.Read(hex[32..48]), BlobId.Read(hex[48..64]));
        _sha512 = descriptor.Digest.Algorithm == "sha512" ? descriptor.Digest.Hex : null;
        Size = descriptor.Size;
        IsManifest = isManifest;
        IsForeign = descriptor.IsForeign;
    }

    public BlobId Id => new(_a, _b);

    public long Size { get; }

    public bool IsManifest { get; }

    public bool IsForeign { get; }

    public string Algorithm => _sha512 is null ? "sha256" : "sha512";

    public Digest Digest
    {
        get
        {
            if (_sha512 is not null)
                return Digest.Parse("sha512:" + _sha512);
            Span<byte> hash = stackalloc byte[32];
            BinaryPrimitives.WriteUInt64BigEndian(hash, _a);
            BinaryPrimitives.WriteUInt64BigEndian(hash[8..], _b);
            BinaryPrimitives.WriteUInt64BigEndian(hash[16..], _c);
            BinaryPrimitives.WriteUInt64BigEndian(hash[24..], _d);
            return Digest.FromHash("sha256", hash);
        }
    }
}
