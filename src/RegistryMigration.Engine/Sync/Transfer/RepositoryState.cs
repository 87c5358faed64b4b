using System.Globalization;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Sync.Transfer;

/// <summary>What a pass knows of one repository while it copies its links.</summary>
internal sealed class RepositoryState(string name)
{
    private readonly HashSet<ulong> _revisions = [];

    public string Name => name;

    /// <summary>Whether a link of this repository could not be copied, which holds its tags back.</summary>
    public bool IsIncomplete { get; set; }

    /// <summary>Whether a link waits for the next pass, which holds back whatever may have been pushed after it.</summary>
    public bool HasDeferred { get; set; }

    /// <summary>Remembers a manifest whose revision link is at the target.</summary>
    public void AddRevision(ReadOnlySpan<char> hex)
    {
        lock (_revisions)
            _revisions.Add(Fingerprint(hex));
    }

    /// <summary>Whether a manifest's revision link is known to be at the target.</summary>
    public bool HasRevision(Digest digest)
    {
        lock (_revisions)
            return _revisions.Contains(Fingerprint(digest.Hex));
    }

    /// <summary>The first 64 bits of a digest: enough to tell blobs apart, an eighth of the memory.</summary>
    public static ulong Fingerprint(ReadOnlySpan<char> hex) => ulong.Parse(hex[..16], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
