namespace RegistryMigration.Engine.Stores;

/// <summary>What a store declares about itself.</summary>
public sealed record StoreCapabilities
{
    /// <summary>Listings carry the MD5 of plain objects, so that a link can be checked without fetching it.</summary>
    public bool ListsMd5 { get; init; }

    /// <summary>A write can be made to fail when the key exists.</summary>
    public bool ConditionalWrite { get; init; }

    /// <summary>Writes whose content was taken (<see cref="StoreContent.Taken"/>) wait for the disk together: the more of them, the less each costs.</summary>
    public bool GroupsWrites { get; init; }

    /// <summary>The longest key below the root, in UTF-8 bytes.</summary>
    public int MaxKeyBytes { get; init; } = int.MaxValue;
}
