using RegistryMigration.Engine.Stores.Swift.Objects;

namespace RegistryMigration.Engine.Stores.Swift.LargeObjects;

/// <summary>What a segment must be.</summary>
/// <param name="Length">Bytes.</param>
/// <param name="Md5">MD5 in lower-case hex.</param>
internal readonly record struct SegmentState(long Length, string Md5)
{
    /// <summary>Whether a listed object is it.</summary>
    public bool Matches(ListedObject listed) => listed.Bytes == Length && listed.Hash == Md5;
}
