using RegistryMigration.Engine.Http;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Stores.S3.Requests;

/// <summary>One request about an object, as far as its sender has a say: the rest is signed and added when it leaves.</summary>
/// <param name="method">GET, HEAD or PUT.</param>
/// <param name="key">The key without the prefix; null for the bucket itself.</param>
internal sealed class S3Request(HttpMethod method, string? key)
{
    public HttpMethod Method => method;

    public string? Key => key;

    /// <summary>What follows the question mark: escaped as for a signature, names in order.</summary>
    public string Query { get; init; } = "";

    /// <summary>The body of an upload; null sends none.</summary>
    public UploadStream? Body { get; init; }

    /// <summary>The body's digest in lower-case hex, which the server checks.</summary>
    public string Sha256 { get; init; } = Digest.EmptySha256.Hex;

    /// <summary>Whether the digest goes along as a checksum as well, which AWS keeps with the object.</summary>
    public bool Checksum { get; init; }

    /// <summary>Headers that are not signed: conditions, ranges.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];
}
