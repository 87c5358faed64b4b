using RegistryMigration.Engine.Layouts;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Sync.Transfer;

/// <summary>One entry to be looked at or copied.</summary>
/// <param name="Info">What its key means.</param>
/// <param name="Source">The source's entry.</param>
/// <param name="Target">The target's entry; its key is null where there is none.</param>
/// <param name="MustLook">Whether the listings could not tell if both sides are the same.</param>
/// <param name="Repository">The repository of a link.</param>
internal sealed record CopyItem(EntryInfo Info, StoreEntry Source, StoreEntry Target, bool MustLook, RepositoryState? Repository = null)
{
    public string Key => Source.Key;

    /// <summary>Called when the target has the content and only makes it durable; may be called again.</summary>
    public Action? Taken { get; init; }

    public bool Replaces => Target.Key is not null;
}

/// <summary>What came of one entry.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Bytes">Bytes of the object.</param>
/// <param name="ServerSide">Whether the server copied it by itself.</param>
/// <param name="Defect">What was found wrong with the source's content.</param>
internal readonly record struct CopyOutcome(CopyOutcomeKind Kind, long Bytes = 0, bool ServerSide = false, StoreDefect? Defect = null);

internal enum CopyOutcomeKind
{
    Copied,
    Unchanged,
    AlreadyPresent,
    Vanished,
    Deferred,
    Broken,
}
