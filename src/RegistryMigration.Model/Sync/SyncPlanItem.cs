namespace RegistryMigration.Model;

/// <summary>One thing that a sync would do.</summary>
/// <param name="Key">The key below the layout's root.</param>
/// <param name="Kind">What the entry is.</param>
/// <param name="Action">What would be done.</param>
/// <param name="Size">Bytes that would move (or be deleted).</param>
/// <param name="Repository">The repository, for links.</param>
public sealed record SyncPlanItem(string Key, EntryKind Kind, SyncAction Action, long Size, string? Repository);

/// <summary>What is done about one key.</summary>
public enum SyncAction
{
    /// <summary>Both sides have the same.</summary>
    None,

    /// <summary>The target lacks it.</summary>
    Copy,

    /// <summary>The target has something else under this key.</summary>
    Overwrite,

    /// <summary>Only the target has it, and the run prunes.</summary>
    Delete,
}

/// <summary>Counts and bytes of what a sync would do.</summary>
public sealed record SyncPlan
{
    /// <summary>Entries to copy or overwrite.</summary>
    public long Copies { get; init; }

    /// <summary>Bytes of <see cref="Copies"/>.</summary>
    public long Bytes { get; init; }

    /// <summary>Those of <see cref="Copies"/> that replace something else.</summary>
    public long Overwrites { get; init; }

    /// <summary>Entries that are the same on both sides.</summary>
    public long Unchanged { get; init; }

    /// <summary>Entries only at the target.</summary>
    public long OnlyAtTarget { get; init; }

    /// <summary>Entries left out by meaning.</summary>
    public IReadOnlyList<SkippedEntries> Skipped { get; init; } = [];
}

/// <summary>Entries that were left out because of what they are.</summary>
/// <param name="Kind">What they are.</param>
/// <param name="Count">How many.</param>
/// <param name="Bytes">Their bytes.</param>
public sealed record SkippedEntries(EntryKind Kind, long Count, long Bytes);
