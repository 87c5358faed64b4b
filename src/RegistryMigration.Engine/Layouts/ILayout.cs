using RegistryMigration.Model;

namespace RegistryMigration.Engine.Layouts;

/// <summary>How a registry names things below the root of a store.</summary>
public interface ILayout
{
    /// <summary>Which layout this is.</summary>
    LayoutKind Kind { get; }

    /// <summary>Prefixes below which blobs lie, each followed by two hex digits: <c>blobs/sha256/</c>.</summary>
    IReadOnlyList<string> BlobPrefixes { get; }

    /// <summary>The prefix below which repositories keep their links, or null where links do not live in the store.</summary>
    string? RepositoriesPrefix { get; }

    /// <summary>Prefixes of whatever else is copied, compared by content.</summary>
    IReadOnlyList<string> FilePrefixes { get; }

    /// <summary>What a key means. Never fails: what is not understood is <see cref="EntryKind.Unknown"/>.</summary>
    EntryInfo Classify(string key);

    /// <summary>The key of a blob.</summary>
    string BlobKey(Digest digest);
}
