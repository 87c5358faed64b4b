using System.Diagnostics.CodeAnalysis;

namespace RegistryMigration.Model;

/// <summary>A content address: algorithm and lower-case hex, written <c>sha256:…</c> as the OCI image specification defines it.</summary>
/// <remarks>Source: OCI image-spec, descriptor.md, "Digests". Registered algorithms are sha256 (64 hex digits) and sha512 (128).</remarks>
public readonly record struct Digest
{
    private static readonly System.Buffers.SearchValues<char> HexDigits = System.Buffers.SearchValues.Create("0123456789abcdef");

    /// <summary>The digest of zero bytes: the one blob for which an empty object is not a defect.</summary>
    public static readonly Digest EmptySha256 = new("sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");

    private Digest(string algorithm, string hex)
    {
        Algorithm = algorithm;
        Hex = hex;
    }

    /// <summary><c>sha256</c> or <c>sha512</c>.</summary>
    public string Algorithm { get; }

    /// <summary>Lower-case hex, without the algorithm.</summary>
    public string Hex { get; }

    /// <summary>The first two hex digits: the shard directory of both layouts.</summary>
    public string Shard => Hex[..2];

    /// <summary>Reads <c>algorithm:hex</c>.</summary>
    /// <exception cref="FormatException">The text is not a digest of a registered algorithm.</exception>
    public static Digest Parse(string text) =>
        TryParse(text, out var digest) ? digest : throw new FormatException($"'{text}' is not a digest. Expected sha256:<64 hex digits> or sha512:<128 hex digits>.");

    /// <summary>Reads <c>algorithm:hex</c>; false where the text is anything else, upper-case hex included.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Digest digest)
    {
        digest = default;
        if (text is null)
            return false;
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && TryCreate(text[..colon], text[(colon + 1)..], out digest);
    }

    /// <summary>Joins an algorithm and its hex; false where they do not fit together.</summary>
    public static bool TryCreate(string algorithm, string hex, out Digest digest)
    {
        var valid = IsValid(algorithm, hex);
        digest = valid ? new Digest(algorithm, hex) : default;
        return valid;
    }

    /// <summary>Whether an algorithm and hex digits make a digest.</summary>
    public static bool IsValid(ReadOnlySpan<char> algorithm, ReadOnlySpan<char> hex) =>
        hex.Length == algorithm switch { "sha256" => 64, "sha512" => 128, _ => -1 } && IsHex(hex);

    /// <summary>Whether a text has nothing but lower-case hex digits.</summary>
    public static bool IsHex(ReadOnlySpan<char> text) => !text.ContainsAnyExcept(HexDigits);

    /// <summary>The sha256 digest of bytes in memory.</summary>
    public static Digest OfSha256(ReadOnlySpan<byte> content)
    {
        Span<byte> hash = stackalloc byte[32];
        System.Security.Cryptography.SHA256.HashData(content, hash);
        return FromHash("sha256", hash);
    }

    /// <summary>A digest from a finished hash.</summary>
    public static Digest FromHash(string algorithm, ReadOnlySpan<byte> hash) => new(algorithm, Convert.ToHexString(hash).ToLowerInvariant());

    /// <summary><c>algorithm:hex</c>.</summary>
    public override string ToString() => Hex is null ? "" : $"{Algorithm}:{Hex}";
}
